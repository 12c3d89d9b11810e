import { sql } from 'kysely'
import { writeAudit, type AuditEntry } from './audit/index.ts'
import { rolesOf } from './accounts/index.ts'
import { refuseUnconfirmed } from './accounts/confirmation.ts'
import type { Context, Tx } from './context.ts'
import type { RightsOf } from './live.ts'
import { allows, type Holder, type Permission } from './permissions.ts'
import { Refusal } from './refusal.ts'

/** What the actor is, on this service: roles, ownership, kind of key. */
export async function holdersOf(ctx: Context, serviceId: string | null): Promise<Holder[]> {
  const { actor } = ctx
  if (actor.kind === 'account') {
    const roles: Holder[] = serviceId === null ? [] : await rolesOf(ctx.db, actor.accountId, serviceId)
    return actor.installation === 'owner' ? [...roles, 'owner'] : roles
  }
  if (actor.kind !== 'key') return []
  const reaches = actor.service === null || actor.service === serviceId
  return reaches ? [`key:${actor.keyKind}`] : []
}

/** ACC-14: a key can be narrower than its kind. */
export function isWithinKey({ actor }: Context, permission: Permission): boolean {
  return actor.kind !== 'key' || actor.permissions === null || actor.permissions.includes(permission)
}

export async function may(ctx: Context, permission: Permission, serviceId: string | null): Promise<boolean> {
  if (!isWithinKey(ctx, permission)) return false
  return ctx.actor.kind === 'system' || allows(permission, await holdersOf(ctx, serviceId))
}

/** A service that the actor has no part in looks missing, not forbidden. */
export async function must(ctx: Context, permission: Permission, serviceId: string | null): Promise<void> {
  if (ctx.actor.kind === 'system') return
  const holders = await holdersOf(ctx, serviceId)
  if (allows(permission, holders) && isWithinKey(ctx, permission)) return
  if (ctx.actor.kind === 'anonymous') throw new Refusal('not-signed-in')
  const refused = ctx.actor.kind === 'key' ? 'key-not-allowed' : 'not-allowed'
  throw new Refusal(holders.length === 0 ? 'not-found' : refused)
}

export interface Deed {
  permission: Permission
  /** Service id, or null for what concerns the installation. */
  service: string | null
  /** What changes on open pages. */
  topic?: string
  /** ACC-5: only of somebody who confirmed a moment ago to be that person. */
  confirmed?: boolean
}

export type Record = (entry: AuditEntry) => void

/** Every change to the world: permission, transaction, audit, then the news to open pages. */
export async function act<T>(ctx: Context, deed: Deed, work: (tx: Tx, record: Record) => Promise<T>): Promise<T> {
  await must(ctx, deed.permission, deed.service)
  if (deed.confirmed === true) refuseUnconfirmed(ctx)
  return change(ctx, deed, work)
}

/** The same for acts that need no role of the team: a person accepts, a visitor chooses, the system expires. */
export async function change<T>(
  ctx: Context,
  deed: Omit<Deed, 'permission' | 'confirmed'>,
  work: (tx: Tx, record: Record) => Promise<T>,
): Promise<T> {
  const entries: AuditEntry[] = []
  const rights: RightsOf[] = []
  let told = 0
  const result = await ctx.db.transaction().execute(async (tx) => {
    rightsOf.set(tx, rights)
    const done = await work(tx, (entry) => entries.push(entry))
    if (deed.service !== null) await sql`select pg_notify('phasegate_live', ${note(ctx, deed)})`.execute(tx)
    told = await ctx.webhooks.queue(tx, ctx, deed.service, entries)
    await writeAudit(tx, ctx, deed.service, entries)
    return done
  })
  for (const of of rights) ctx.live.rightsChanged(of)
  const topic = deed.topic ?? 'history'
  if (deed.service !== null) ctx.live.changed(deed.service, topic)
  ctx.mail.wake()
  if (told > 0) ctx.webhooks.wake()
  if (deed.service !== null) await ctx.live.acted(deed.service, topic)
  return result
}

const rightsOf = new WeakMap<Tx, RightsOf[]>()

/** ACC-3: once the transaction holds, every process forgets what it held of these rights, and closes their streams. */
export async function announceRights(tx: Tx, of: RightsOf): Promise<void> {
  rightsOf.get(tx)?.push(of)
  await sql`select pg_notify('phasegate_live', ${JSON.stringify({ rights: of })})`.execute(tx)
}

function note(ctx: Context, deed: Omit<Deed, 'permission' | 'confirmed'>): string {
  return JSON.stringify({ from: ctx.live.instance, service: deed.service, topic: deed.topic ?? 'history' })
}
