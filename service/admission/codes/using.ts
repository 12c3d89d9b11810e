import { newUnit, type LettingRung } from '../../../packages/admission/src/index.ts'
import { change, hashSecret, mayTry, newSecret, Refusal, type Context, type Tx } from '../../platform/index.ts'
import { ceilingOf, type Service } from '../../services/index.ts'
import { asPerson, deviceName } from '../acceptance.ts'
import { mostDevices, repeatMs } from '../admission.ts'
import { cohortPlaces } from '../batches/reads.ts'
import { isDayFull } from '../day-limit.ts'
import type { Links } from '../links.ts'
import { findParticipant, insertDevice, insertParticipant } from '../participant-store.ts'
import { refuseAboveCeiling } from '../rules.ts'
import { findAdmission, insertAdmission, liftRemoval, lockRollout, putChoice, takePlace, takesPlace } from '../store.ts'
import { inTurn } from '../turns.ts'
import { requestHours, type Code } from './code.ts'
import { codeMail } from './mails.ts'
import { codePurpose } from './making.ts'
import { isOfDomain, readCode, stateOf, type CodeState } from './rules.ts'
import { countUse, findCode, findCodeRequest, insertCodeRequest, lockCode, useBy } from './store.ts'

const topic = 'admission'

export type CodeUse =
  | { kind: 'in'; rung: LettingRung; unit: string }
  | { kind: 'unknown' }
  | { kind: Exclude<CodeState, 'open'> }
  | { kind: 'full' }
  | { kind: 'day-full' }
  /** It is for addresses of one domain: ask for the address, and mail to it. */
  | { kind: 'needs-address'; domain: string }

export interface Typed {
  service: Service
  code: string
  nonce: string
  userAgent: string
}

/** ADM-49: lets in whoever types the code; its uses, the cap and the group's cap are exact under races. */
export async function enterByCode(ctx: Context, typed: Typed): Promise<CodeUse> {
  const { service } = typed
  const code = readCode(typed.code)
  if (code === null) return { kind: 'unknown' }
  const macs = ctx.secrets.macs(codePurpose, code)
  return inService(ctx, service, async (tx, record) => {
    const found = await findCode(tx, service.id, macs, { lock: true })
    if (found === null) return { kind: 'unknown' }
    if (found.domain !== null) {
      const state = stateOf(found, ctx.clock.now())
      return state === 'open' ? { kind: 'needs-address', domain: found.domain } : { kind: state }
    }
    return letIn(ctx, tx, record, { ...typed, found, address: null })
  })
}

/** Does this link prove an address, still? Looking changes nothing. */
export async function isCodeLink(ctx: Context, service: Service, token: string): Promise<boolean> {
  return (await findCodeRequest(ctx.db, service.id, hashSecret(token), ctx.clock.now())) !== null
}

/** By the link that proved an address of the code's domain. */
export async function enterByCodeLink(ctx: Context, typed: Omit<Typed, 'code'> & { token: string }): Promise<CodeUse> {
  const { service, token } = typed
  return inService(ctx, service, async (tx, record) => {
    const request = await findCodeRequest(tx, service.id, hashSecret(token), ctx.clock.now())
    const found = request === null ? null : await lockCode(tx, service.id, request.codeId)
    if (request === null || found === null) return { kind: 'unknown' }
    return letIn(ctx, tx, record, { ...typed, found, address: request.address })
  })
}

/** The cap is full where a place cannot be taken: then nothing of it has happened. */
async function inService(
  ctx: Context,
  service: Service,
  work: (tx: Tx, record: Parameters<Parameters<typeof change<CodeUse>>[2]>[1]) => Promise<CodeUse>,
): Promise<CodeUse> {
  try {
    return await inTurn(service.id, () => change<CodeUse>(asPerson(ctx), { service: service.id, topic }, work))
  } catch (error) {
    if (error instanceof Refusal && error.code === 'beta-full') return { kind: 'full' }
    throw error
  }
}

interface Entering extends Omit<Typed, 'code'> {
  found: Code
  address: string | null
}

async function letIn(
  ctx: Context,
  tx: Tx,
  record: (entry: { action: string; summary: string; subject: string }) => void,
  { service, found, address, nonce, userAgent }: Entering,
): Promise<CodeUse> {
  const at = ctx.clock.now()
  const nonceHash = hashSecret(nonce)
  refuseAboveCeiling(ceilingOf(service.phase), found.rung)
  const before = await useBy(tx, found.id, nonceHash)
  if (before !== null && at.getTime() - before.at.getTime() < repeatMs)
    return { kind: 'in', rung: found.rung, unit: before.unit }
  const known = address === null ? null : await findParticipant(tx, service.id, { address })
  const isIn = known !== null && (await findAdmission(tx, service.id, known.unit)) !== null
  if (known !== null && isIn)
    return continueWith(tx, service.id, { unit: known.unit, id: known.id, userAgent, at, rung: found.rung })
  const state = before === null ? stateOf(found, at) : 'used-up'
  if (state !== 'open') return { kind: state }
  await lockRollout(tx, service.id)
  if (takesPlace(found.rung) && (await isDayFull(tx, service.id, at))) return { kind: 'day-full' }
  if (found.cohortId !== null) {
    const { cap, taken, held } = await cohortPlaces(tx, found.cohortId, at)
    if (cap !== null && taken + held >= cap) throw new Refusal('beta-full')
  }
  if (takesPlace(found.rung) && !(await takePlace(tx, service.id, at, false))) throw new Refusal('beta-full')
  const unit = known?.unit ?? newUnit()
  const person =
    known ??
    (await insertParticipant(tx, {
      serviceId: service.id,
      address,
      unit,
      cohortId: found.cohortId,
      accountId: null,
      at,
    }))
  await insertDevice(tx, { participantId: person.id, name: deviceName(userAgent), at, most: mostDevices })
  await liftRemoval(tx, service.id, unit, at)
  if (known !== null) await putChoice(tx, service.id, { unit, value: 'new', at })
  const entry = { serviceId: service.id, unit, rung: found.rung, at, by: `Code “${found.name}”` }
  await insertAdmission(tx, { ...entry, participantId: person.id })
  if (!(await countUse(tx, found.id, { unit, at, nonceHash })))
    throw new Error('A code was used more often than it may be')
  record({ action: 'admission.code-used', summary: `came in by the code “${found.name}”`, subject: found.id })
  return { kind: 'in', rung: found.rung, unit }
}

/** ADM-18: the same person on one more device takes neither a place nor a use. */
async function continueWith(
  tx: Tx,
  serviceId: string,
  { id, unit, userAgent, at, rung }: { id: string; unit: string; userAgent: string; at: Date; rung: LettingRung },
): Promise<CodeUse> {
  const added = await insertDevice(tx, { participantId: id, name: deviceName(userAgent), at, most: mostDevices })
  if (!added) return { kind: 'used-up' }
  await putChoice(tx, serviceId, { unit, value: 'new', at })
  return { kind: 'in', rung, unit }
}

/** To an address of the code's domain only; a few an hour, whoever asks. */
export async function mailCodeLink(
  ctx: Context,
  links: Links,
  service: Service,
  wanted: { code: string; address: string },
): Promise<'mailed' | 'unknown' | 'other-domain'> {
  const code = readCode(wanted.code)
  const { address } = wanted
  return change(asPerson(ctx), { service: service.id, topic }, async (tx) => {
    const found = code === null ? null : await findCode(tx, service.id, ctx.secrets.macs(codePurpose, code))
    const at = ctx.clock.now()
    if (found === null || found.domain === null || stateOf(found, at) !== 'open') return 'unknown'
    if (!isOfDomain(address, found.domain)) return 'other-domain'
    if (!(await mayTry(ctx, { kind: 'mails', of: address }))) return 'mailed'
    const token = newSecret()
    const expiresAt = new Date(at.getTime() + requestHours * 3_600_000)
    await insertCodeRequest(tx, { tokenHash: hashSecret(token), codeId: found.id, address, at, expiresAt })
    await ctx.mail.send(codeMail({ service, address, link: links.to(service, `code/${token}`) }), tx)
    return 'mailed'
  })
}
