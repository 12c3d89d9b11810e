import { act, actorName, Refusal, type Context, type Record, type Tx } from '../../platform/index.ts'
import { ceilingOf, type Service } from '../../services/index.ts'
import { findCohort } from '../invitations/store.ts'
import { refuseAboveCeiling } from '../rules.ts'
import { people as sayPeople } from '../words.ts'
import { newCode, sayCode } from './rules.ts'
import { insertCode, lockCode, markCodeRevoked } from './store.ts'

const topic = 'admission'
const dayMs = 86_400_000
export const codePurpose = 'invitation code'

/** A code as it is told once, and never again (ADM-49). */
export interface ToldCode {
  id: string
  name: string
  code: string
  expiresAt: Date
}

export interface WantedCode {
  name: string
  mostUses: number
  domain: string | null
  /** Whoever comes by it counts as the team. */
  isStaff: boolean
  cohort: string | null
  days: number
}

export async function makeSharedCode(ctx: Context, service: Service, wanted: WantedCode): Promise<ToldCode> {
  return making(ctx, service, wanted.isStaff ? 'staff' : 'invited', async (tx, record) => {
    const told = await make(ctx, tx, service, { ...wanted, kind: 'shared' })
    const domain = wanted.domain === null ? '' : `, for addresses of ${wanted.domain}`
    const summary = `made the code “${wanted.name}” for ${sayPeople(wanted.mostUses)}${domain}`
    record({ action: 'admission.code-made', summary, subject: told.id })
    return told
  })
}

/** One for each person, good once. */
export async function makeLetterCodes(
  ctx: Context,
  service: Service,
  wanted: { names: readonly string[]; cohort: string | null; days: number },
): Promise<ToldCode[]> {
  return making(ctx, service, 'invited', async (tx, record) => {
    const told: ToldCode[] = []
    for (const name of wanted.names) {
      const one = { name, mostUses: 1, domain: null, isStaff: false, cohort: wanted.cohort, days: wanted.days }
      told.push(await make(ctx, tx, service, { ...one, kind: 'letter' }))
    }
    const summary = `made codes to read out or to print for ${sayPeople(told.length)}`
    record({ action: 'admission.codes-made', summary, detail: { codes: told.map(({ id }) => id) } })
    return told
  })
}

function making<T>(
  ctx: Context,
  service: Service,
  rung: 'staff' | 'invited',
  work: (tx: Tx, record: Record) => Promise<T>,
): Promise<T> {
  return act(ctx, { permission: 'admission.invite', service: service.id, topic }, (tx, record) => {
    refuseAboveCeiling(ceilingOf(service.phase), rung)
    return work(tx, record)
  })
}

async function make(
  ctx: Context,
  tx: Tx,
  service: Service,
  wanted: WantedCode & { kind: 'shared' | 'letter' },
): Promise<ToldCode> {
  const { kind, name, mostUses, domain, isStaff, cohort, days } = wanted
  const at = ctx.clock.now()
  const code = newCode()
  const expiresAt = new Date(at.getTime() + days * dayMs)
  const cohortId = cohort === null ? null : await findCohort(tx, service.id, cohort, at)
  const rung = isStaff ? ('staff' as const) : ('invited' as const)
  const mac = ctx.secrets.mac(codePurpose, code)
  const id = await insertCode(
    tx,
    service.id,
    { kind, name, cohortId, rung, mostUses, domain, expiresAt, mac },
    { at, by: actorName(ctx.actor) },
  )
  return { id, name, code: sayCode(code), expiresAt }
}

export async function revokeCode(ctx: Context, service: Service, id: string): Promise<void> {
  await act(ctx, { permission: 'admission.invite', service: service.id, topic }, async (tx, record) => {
    const code = await lockCode(tx, service.id, id)
    if (code === null) throw new Refusal('not-found')
    if (code.revokedAt !== null) throw new Refusal('invitation-not-open', { state: 'withdrawn' })
    await markCodeRevoked(tx, id, ctx.clock.now())
    const summary = `withdrew the code “${code.name}”; it lets in nobody more`
    record({ action: 'admission.code-revoked', summary, subject: id })
  })
}
