import type { FastifyRequest } from 'fastify'
import { sql } from 'kysely'
import { change } from '../act.ts'
import { isDevelopment, isOwnMachine, reachableHost } from '../config.ts'
import type { Context, Platform, Tx } from '../context.ts'
import { Refusal } from '../refusal.ts'
import { hashPassword, hashSecret, newSecret, verifyPassword } from './secrets.ts'
import { openSession } from './sessions.ts'
import {
  dropFirstPersonLinks,
  findAccount,
  findAccountByEmail,
  findLink,
  firstOwner,
  insertAccount,
  insertLink,
  makeOwner,
  nameAccount,
  useLink,
  type Account,
  type Link,
  type LinkPurpose,
} from './store.ts'

const hour = 3_600_000
const linkHours: Record<LinkPurpose, number> = { 'first-person': 24, 'sign-in': 1, join: 14 * 24 }

/** Where the team pages stand, for links in mails: never a request's Host. */
export function teamUrl(platform: Pick<Platform, 'config'>, path: string): string {
  const { config } = platform
  return `${config.publicUrl ?? `http://${reachableHost(config)}:${config.port}`}${path}`
}

/** The link printed at the start while nobody owns the installation; an older one dies. */
export async function firstPersonLink(platform: Platform): Promise<string | null> {
  if ((await firstOwner(platform.db)) !== null) return null
  await dropFirstPersonLinks(platform.db)
  return makeLink(platform, platform.db, 'first-person', null)
}

async function makeLink(
  platform: Platform,
  db: Parameters<typeof insertLink>[0],
  purpose: LinkPurpose,
  accountId: string | null,
): Promise<string> {
  const token = newSecret()
  const at = platform.clock.now()
  const expiresAt = new Date(at.getTime() + linkHours[purpose] * hour)
  await insertLink(db, { hash: hashSecret(token), purpose, accountId, at, expiresAt })
  return teamUrl(platform, `/sign-in/link/${token}`)
}

/** A colleague gets an account (or is found) and, when new, a link by mail that lets her choose a password. */
export async function inviteColleague(
  ctx: Context,
  tx: Tx,
  person: { email: string; name: string; to: string },
): Promise<Account> {
  const known = await findAccountByEmail(tx, person.email)
  if (known !== null) return known
  const account = await insertAccount(tx, {
    email: person.email,
    name: person.name,
    installation: 'member',
    passwordHash: null,
    at: ctx.clock.now(),
  })
  const link = await makeLink(ctx, tx, 'join', account.id)
  await ctx.mail.send(
    {
      to: person.email,
      subject: `Join the team of ${person.to}`,
      text: `You have been added to the team of “${person.to}”.\n\nOpen this link to set up how you sign in. It works once, for 14 days:\n\n${link}\n`,
    },
    tx,
  )
  return account
}

/** Always the same answer, whether the address has an account or not. */
export async function mailSignInLink(ctx: Context, email: string): Promise<void> {
  const account = await findAccountByEmail(ctx.db, email)
  if (account === null) return
  await change(ctx, { service: null }, async (tx, record) => {
    const link = await makeLink(ctx, tx, 'sign-in', account.id)
    await ctx.mail.send(
      {
        to: account.email,
        subject: 'Your link to sign in',
        text: `Open this link to sign in to Phasegate. It works once, for one hour:\n\n${link}\n\nIf you did not ask for it, do nothing.\n`,
      },
      tx,
    )
    record({ action: 'account.link-mailed', summary: 'asked for a link to sign in', subject: account.id })
  })
}

/** What stands behind a link; opening it changes nothing. */
export async function readLink(ctx: Context, token: string): Promise<Link & { account: Account | null }> {
  const link = await findLink(ctx.db, hashSecret(token))
  if (link === null) throw new Refusal('link-expired')
  if (link.usedAt !== null) throw new Refusal('link-used')
  if (link.expiresAt <= ctx.clock.now()) throw new Refusal('link-expired')
  return { ...link, account: link.accountId === null ? null : await findAccount(ctx.db, link.accountId) }
}

export interface Newcomer {
  name: string
  email: string
  password: string | null
}

/** The first person becomes owner; of fifty who try at once, one. */
export async function claimInstallation(
  ctx: Context,
  token: string,
  person: Newcomer,
): Promise<{ session: string; account: Account }> {
  const passwordHash = person.password === null ? null : await hashPassword(person.password)
  return change(ctx, { service: null }, async (tx, record) => {
    await sql`lock table account in share row exclusive mode`.execute(tx)
    if (!(await useLink(tx, hashSecret(token), ctx.clock.now())) || (await firstOwner(tx)) !== null)
      throw new Refusal('link-used')
    const known = await findAccountByEmail(tx, person.email)
    const account =
      known ?? (await insertAccount(tx, { ...person, installation: 'owner', passwordHash, at: ctx.clock.now() }))
    if (known !== null) {
      await makeOwner(tx, known.id)
      await nameAccount(tx, known.id, person.name, passwordHash)
    }
    record({
      action: 'account.claimed',
      summary: `${person.name} became the owner of this installation`,
      subject: account.id,
    })
    return { session: await openSession(tx, ctx.clock, account.id), account: { ...account, installation: 'owner' } }
  })
}

/** A mailed link signs in; a joining one may also set name and password. */
export async function signInByLink(
  ctx: Context,
  token: string,
  chosen: { name: string; password: string | null } | null,
): Promise<string> {
  const link = await readLink(ctx, token)
  const accountId = link.accountId
  if (accountId === null) throw new Refusal('link-expired')
  const passwordHash = chosen?.password ? await hashPassword(chosen.password) : null
  return change(ctx, { service: null }, async (tx, record) => {
    if (!(await useLink(tx, hashSecret(token), ctx.clock.now()))) throw new Refusal('link-used')
    if (chosen !== null) await nameAccount(tx, accountId, chosen.name, passwordHash)
    record({ action: 'account.signed-in', summary: 'signed in by a link', subject: accountId })
    return openSession(tx, ctx.clock, accountId)
  })
}

/** Null for a wrong password, an account without one and an unknown address alike, after the same time. */
export async function signInByPassword(ctx: Context, email: string, password: string): Promise<string | null> {
  const account = await findAccountByEmail(ctx.db, email)
  const right = await verifyPassword(password, account?.passwordHash ?? null)
  if (!right || account === null) return null
  return change(ctx, { service: null }, async (tx, record) => {
    record({ action: 'account.signed-in', summary: 'signed in by password', subject: account.id })
    return openSession(tx, ctx.clock, account.id)
  })
}

/** Are mails files that can be read on a page? Only on one's own machine, and only while no mail server takes them. */
export function hasMailPage({ config, mail }: Pick<Platform, 'config' | 'mail'>): boolean {
  return isDevelopment(config) && mail.transport === 'files'
}

/**
 * Only under the machine's own name, since another website could point a name of its own at this address; and never through
 * a proxy, behind which others may be.
 */
export function mailPageOnly({ context, hostname, headers }: FastifyRequest): void {
  const isPassedOn = ['x-forwarded-for', 'forwarded', 'via'].some((name) => headers[name] !== undefined)
  if (!hasMailPage(context) || isPassedOn || !isOwnMachine(hostname)) throw new Refusal('not-found')
}
