import {
  longDateWords,
  act,
  announceRights,
  change,
  hashSecret,
  insertKey,
  keysAboutToEnd,
  membersOf,
  newSecret,
  notify,
  permissionsOfKey,
  Refusal,
  revokeKey,
  rotateKey,
  teamUrl,
  type ApiKey,
  type Context,
  type KeyKind,
  type Permission,
  type Platform,
} from '../platform/index.ts'
import type { Service } from './service.ts'
import { findServiceById } from './store.ts'

const dayMs = 86_400_000
const warnDays = 14

export interface KeyWanted {
  name: string
  kind: Exclude<KeyKind, 'admin'>
  /** Null is everything that its kind may. */
  permissions: readonly Permission[] | null
  /** On whose pages a client key works; null is on those of its service. */
  origins: readonly string[] | null
  /** Null never ends. */
  days: number | null
}

/** The secret is in the answer, once. */
export async function createKey(
  ctx: Context,
  service: Service,
  { name, kind, permissions, origins, days }: KeyWanted,
): Promise<ApiKey & { secret: string }> {
  const most = permissionsOfKey(kind)
  const beyond = permissions?.find((each) => !most.includes(each))
  if (beyond !== undefined) throw new Refusal('key-beyond-kind', { kind, permission: beyond })
  if (origins !== null && kind !== 'client') throw new Refusal('key-without-pages', { kind })
  const secret = `pgk_${newSecret()}`
  const deed = { permission: 'keys.manage', service: service.id, topic: 'keys', confirmed: true } as const
  const key = await act(ctx, deed, async (tx, record) => {
    const at = ctx.clock.now()
    const made = await insertKey(tx, {
      name,
      kind,
      serviceId: service.id,
      permissions,
      origins,
      expiresAt: days === null ? null : new Date(at.getTime() + days * dayMs),
      hash: hashSecret(secret),
      hint: secret.slice(-4),
      at,
      by: ctx.actor.kind === 'account' ? ctx.actor.accountId : null,
    })
    record({
      action: 'key.created',
      summary: `created the ${kind} key “${name}”`,
      subject: made.id,
      detail: { permissions, origins, days },
    })
    return made
  })
  return { ...key, secret }
}

/** A new secret for the same key; the one before goes on working for so long, so that nobody has to change all at once. */
export async function renewKey(
  ctx: Context,
  service: Service,
  id: string,
  overlapHours: number,
): Promise<ApiKey & { secret: string }> {
  const secret = `pgk_${newSecret()}`
  const deed = { permission: 'keys.manage', service: service.id, topic: 'keys', confirmed: true } as const
  const key = await act(ctx, deed, async (tx, record) => {
    const previousUntil = new Date(ctx.clock.now().getTime() + overlapHours * 3_600_000)
    const to = { hash: hashSecret(secret), hint: secret.slice(-4), previousUntil }
    const renewed = await rotateKey(tx, id, service.id, to)
    if (renewed === null) throw new Refusal('not-found')
    await announceRights(tx, { kind: 'key', id })
    const summary = `gave the key “${renewed.name}” a new secret; the old one works for ${overlapHours} hours more`
    record({ action: 'key.renewed', summary, subject: id })
    return renewed
  })
  return { ...key, secret }
}

/** Dead everywhere within a second (ACC-3); streams that it holds open close. */
export async function endKey(ctx: Context, service: Service, id: string): Promise<void> {
  await act(ctx, { permission: 'keys.manage', service: service.id, topic: 'keys' }, async (tx, record) => {
    if (!(await revokeKey(tx, id, service.id, ctx.clock.now()))) throw new Refusal('not-found')
    await announceRights(tx, { kind: 'key', id })
    record({ action: 'key.revoked', summary: 'revoked a key', subject: id })
  })
}

const keepers = ['service-manager', 'developer'] as const

/** Once, two weeks before: by notice and by mail to those who can make another. */
export async function warnOfEndingKeys(platform: Platform): Promise<void> {
  const ctx: Context = { ...platform, actor: { kind: 'system', name: 'Phasegate' }, requestId: 'keys' }
  const now = ctx.clock.now()
  await change(ctx, { service: null }, async (tx) => {
    for (const key of await keysAboutToEnd(tx, now, new Date(now.getTime() + warnDays * dayMs))) {
      const service = await findServiceById(tx, key.serviceId)
      if (service === null || key.expiresAt === null) continue
      const href = `/services/${service.key}/settings#keys`
      const ends = longDateWords(key.expiresAt, service.timeZone)
      const title = `The key “${key.name}” of ${service.name} ends on ${ends}`
      const body = 'Make another before, and give it to what uses this one.'
      await notify(ctx, tx, { service: service.id, roles: keepers, title, body, href })
      const members = (await membersOf(tx, service.id)).filter(({ role }) => keepers.some((each) => each === role))
      for (const to of new Set(members.map(({ email }) => email)))
        await ctx.mail.send({ to, subject: title, text: `${title}. ${body}\n\n${teamUrl(ctx, href)}\n` }, tx)
    }
  })
}
