import { followUnit } from '../features/index.ts'
import type { Service } from '../services/index.ts'
import { act, actorName, Refusal, type Context } from '../platform/index.ts'
import { newUnit } from '../../packages/admission/src/index.ts'
import { findParticipant, replaceUnit } from './participant-store.ts'
import { endAdmission, findAdmission, insertAdmission, insertRemoval, takePlace, takesPlace } from './store.ts'

const topic = 'admission'

/** ADM-20: by name, with a reason. `who` is an address of somebody who takes part, or a unit. */
export async function remove(ctx: Context, service: Service, wanted: { who: string; reason: string }): Promise<void> {
  await act(ctx, { permission: 'admission.people', service: service.id, topic }, async (tx, record) => {
    const at = ctx.clock.now()
    const isAddress = wanted.who.includes('@')
    const person = await findParticipant(tx, service.id, isAddress ? { address: wanted.who } : { unit: wanted.who })
    const unit = person?.unit ?? (isAddress ? null : wanted.who)
    const isIn = unit !== null && (await findAdmission(tx, service.id, unit)) !== null
    if (unit === null || (!isIn && person === null)) throw new Refusal('person-unknown')
    await endAdmission(tx, service.id, unit, at)
    const isNew = await insertRemoval(tx, {
      serviceId: service.id,
      unit,
      at,
      by: actorName(ctx.actor),
      reason: wanted.reason,
    })
    if (!isNew) throw new Refusal('person-unknown')
    record({
      action: 'admission.removed',
      summary: 'removed a person from the beta',
      reason: wanted.reason,
      subject: unit,
    })
  })
}

/** ADM-18: every device of a person is signed out; the person, the place and the invitation's link stay. */
export async function signDevicesOut(ctx: Context, service: Service, who: string): Promise<void> {
  await act(ctx, { permission: 'admission.people', service: service.id, topic }, async (tx, record) => {
    const at = ctx.clock.now()
    const serviceId = service.id
    const person = await findParticipant(tx, serviceId, who.includes('@') ? { address: who } : { unit: who })
    const admission = person === null ? null : await findAdmission(tx, serviceId, person.unit)
    if (person === null || admission === null) throw new Refusal('person-unknown')
    const by = actorName(ctx.actor)
    await endAdmission(tx, serviceId, person.unit, at)
    await insertRemoval(tx, { serviceId, unit: person.unit, at, by, reason: 'Devices signed out' })
    const unit = newUnit()
    await replaceUnit(tx, person.id, { before: person.unit, unit })
    await followUnit(tx, serviceId, { from: person.unit, to: unit, at })
    await insertAdmission(tx, { serviceId, unit, rung: admission.rung, at, by, participantId: person.id })
    if (takesPlace(admission.rung)) await takePlace(tx, serviceId, at, true)
    record({ action: 'admission.devices-out', summary: 'signed all devices of a person out', subject: unit })
  })
}
