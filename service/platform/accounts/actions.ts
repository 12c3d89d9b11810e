import { longDateWords } from '../date-words.ts'
import { randomInt } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import { sql } from 'kysely'
import { change, type Record as Recorded } from '../act.ts'
import { isDevelopment, isOwnMachine, reachableHost } from '../config.ts'
import type { Context, Person, Platform, Tx } from '../context.ts'
import { Refusal } from '../refusal.ts'
import { hashPassword, hashSecret, newSecret, verifyPassword } from './secrets.ts'
import { refuseUnconfirmed } from './confirmation.ts'
import { isKnownDevice } from './known-device.ts'
import { endOtherSessions, endSession, openSession, renewSession } from './sessions.ts'
import {
  dropFirstPersonLinks,
  dropLinksOf,
  findAccount,
  findAccountByEmail,
  findLink,
  firstOwner,
  insertAccount,
  insertLink,
  insertNewAccount,
  makeOwner,
  nameAccount,
  setEmail,
  setPasswordHash,
  useLink,
  verifyAddress,
  type Account,
  type Link,
  type LinkPurpose,
} from './store.ts'
import { insertLinkRequest, takeLinkRequest } from './throttle-store.ts'
import { fromNetwork, giveBackTries, mayTry, takeTries, type Counted } from './throttle.ts'

const hour = 3_600_000
const linkHours: Record<LinkPurpose, number> = { 'first-person': 24, 'sign-in': 1, join: 14 * 24, email: 24 }

/** Where the team pages stand, for links in mails: never a request's Host. */
export function teamUrl(platform: Pick<Platform, 'config'>, path: string): string {
  const { config } = platform
  return `${config.publicUrl ?? `http://${reachableHost(config)}:${config.port}`}${path}`
}

/** Instances on one database that start together each print a link, and whoever reads one of them has to get in. */
const startTogetherMs = 10 * 60_000

/** ACC-35: the link printed at the start while nobody owns the installation; an older one dies. */
export async function firstPersonLink(platform: Platform): Promise<string | null> {
  if ((await firstOwner(platform.db)) !== null) return null
  const now = platform.clock.now().getTime()
  const togetherMs = platform.config.databaseUrl === null ? 0 : startTogetherMs
  await dropFirstPersonLinks(platform.db, new Date(now - togetherMs))
  return makeLink(platform, platform.db, 'first-person', null)
}

async function makeLink(
  platform: Platform,
  db: Parameters<typeof insertLink>[0],
  purpose: LinkPurpose,
  accountId: string | null,
  email: string | null = null,
): Promise<string> {
  const token = newSecret()
  const at = platform.clock.now()
  const expiresAt = new Date(at.getTime() + linkHours[purpose] * hour)
  await insertLink(db, { hash: hashSecret(token), purpose, accountId, email, at, expiresAt })
  return teamUrl(platform, `/sign-in/link/${token}`)
}

/** A colleague gets an account (or is found) and, when new, a link by mail that lets her choose a password. */
export async function inviteColleague(
  ctx: Context,
  tx: Tx,
  person: { email: string; name: string; to: string },
): Promise<Account> {
  const { email, name } = person
  const invited = await inviteNewcomer(ctx, tx, { email, name, installation: 'member' }, `the team of “${person.to}”`)
  const account = invited ?? (await findAccountByEmail(tx, email))
  if (account === null) throw new Refusal('account-disabled', { email })
  return account
}

/** Null where the address has an account already; nobody is mailed then. */
export async function inviteNewcomer(
  ctx: Context,
  tx: Tx,
  person: { email: string; name: string; installation: 'owner' | 'member' },
  to: string,
): Promise<Account | null> {
  const account = await insertNewAccount(tx, { ...person, passwordHash: null, at: ctx.clock.now() })
  if (account !== null) await mailInvitation(ctx, tx, account, to)
  return account
}

/** ACC-15: an invitation works once, and says until when. */
export async function mailInvitation(
  ctx: Context,
  tx: Tx,
  account: { id: string; email: string },
  to: string,
): Promise<void> {
  const link = await makeLink(ctx, tx, 'join', account.id)
  const until = new Date(ctx.clock.now().getTime() + linkHours.join * hour)
  const by = ctx.actor.kind === 'account' ? ctx.actor.name : null
  await ctx.mail.send(
    {
      to: account.email,
      subject: `Join ${to}`,
      text: `${by === null ? 'You are' : `${by} has`} invited ${by === null ? '' : 'you '}to join ${to}.

Open this link to set up how you sign in. It works once, until ${dayOf(until)}:

${link}

After that day, ask for the invitation to be sent again. If you do not know what this is about, do nothing.
`,
    },
    tx,
  )
}

function dayOf(at: Date): string {
  return longDateWords(at, 'Europe/London')
}

/** ACC-12: noted now and looked at later, so that neither answer nor time tells whether the address has an account. */
export async function askForSignInLink(ctx: Context, email: string, ip: string): Promise<void> {
  await takeTries(ctx, [fromNetwork('links', ip)])
  await insertLinkRequest(ctx.db, email, ctx.clock.now())
  setTimeout(
    () => {
      mailAskedLinks(ctx).catch((error: unknown) => ctx.log.warn({ err: error }, 'links to sign in wait'))
    },
    randomInt(50, 500),
  ).unref()
}

/** The links that people asked for, one after the other; more than a few an hour go to nobody. */
export async function mailAskedLinks(platform: Platform): Promise<void> {
  const ctx: Context = { ...platform, actor: { kind: 'anonymous' }, requestId: 'links' }
  while (await change(ctx, { service: null }, (tx, record) => mailNextLink(ctx, tx, record)));
}

async function mailNextLink(ctx: Context, tx: Tx, record: Recorded): Promise<boolean> {
  const email = await takeLinkRequest(tx)
  if (email === null) return false
  const account = await findAccountByEmail(tx, email)
  if (account !== null && (await mayTry(ctx, { kind: 'mails', of: email }))) {
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
  }
  return true
}

/** ACC-11: a link that works is never made to wait; guesses, and links that were used, are counted. */
export async function readLink(ctx: Context, token: string, ip: string): ReturnType<typeof findWorkingLink> {
  try {
    return await findWorkingLink(ctx, token)
  } catch (error) {
    if (error instanceof Refusal) await takeTries(ctx, [fromNetwork('tokens', ip)])
    throw error
  }
}

/** What stands behind a link; opening it changes nothing. */
async function findWorkingLink(ctx: Context, token: string): Promise<Link & { account: Account | null }> {
  const link = await findLink(ctx.db, hashSecret(token))
  if (link === null) throw new Refusal('link-expired')
  if (link.usedAt !== null) throw new Refusal('link-used')
  if (link.expiresAt <= ctx.clock.now()) {
    throw link.purpose === 'join'
      ? new Refusal('invitation-ran-out', { day: dayOf(link.expiresAt) })
      : new Refusal('link-expired')
  }
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
  device: string,
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
      await endOtherSessions(ctx, tx, known.id)
    }
    const { id: accountId, stamp } = (await findAccount(tx, account.id)) ?? account
    record({
      action: 'account.claimed',
      summary: `${person.name} became the owner of this installation`,
      subject: account.id,
    })
    const session = await openSession(ctx, tx, { accountId, stamp, way: 'link', device })
    return { session, account: { ...account, installation: 'owner' } }
  })
}

/**
 * A mailed link signs in; a joining one may also set name and password. The first link that is used proves the address:
 * what somebody else may have set up under it before is gone (ACC-9).
 */
export async function signInByLink(
  ctx: Context,
  token: string,
  chosen: { name: string; password: string | null } | null,
  device: string,
): Promise<string> {
  const link = await findWorkingLink(ctx, token)
  const { accountId } = link
  if (accountId === null || (link.purpose !== 'sign-in' && link.purpose !== 'join')) throw new Refusal('link-expired')
  const passwordHash = chosen?.password ? await hashPassword(chosen.password) : null
  return change(ctx, { service: null }, async (tx, record) => {
    const at = ctx.clock.now()
    if (!(await useLink(tx, hashSecret(token), at))) throw new Refusal('link-used')
    if (await verifyAddress(tx, accountId, at)) await endOtherSessions(ctx, tx, accountId)
    if (chosen !== null) await nameAccount(tx, accountId, chosen.name, passwordHash)
    const account = await findAccount(tx, accountId)
    if (account === null) throw new Refusal('link-expired')
    record({ action: 'account.signed-in', summary: 'signed in by a link', subject: accountId })
    return openSession(ctx, tx, { accountId, stamp: account.stamp, way: 'link', device })
  })
}

/** Where a sign-in comes from. */
export interface From {
  ip: string
  /** In a few words: deviceOf(user-agent). */
  device: string
  /** What the browser shows to have been signed in before. */
  known: string | undefined
}

/**
 * Null for a wrong password, an account without one and an unknown address alike, after the same time (ACC-12). Tries are
 * counted by account and by network; a device that was signed in before has a count of its own, so that nobody can be
 * locked out by others (ACC-10).
 */
export async function signInByPassword(
  ctx: Context,
  { email, password }: { email: string; password: string },
  from: From,
): Promise<string | null> {
  const account = await findAccountByEmail(ctx.db, email)
  const isKnown = account !== null && isKnownDevice(ctx, from.known, account.id)
  const counted: Counted[] = isKnown
    ? [{ kind: 'device', of: from.known ?? '' }]
    : [{ kind: 'account', of: email }, fromNetwork('network', from.ip)]
  await takeTries(ctx, counted)
  const right = await verifyPassword(password, account?.passwordHash ?? null)
  if (!right || account === null) return null
  await giveBackTries(ctx, counted)
  return change(ctx, { service: null }, async (tx, record) => {
    record({ action: 'account.signed-in', summary: 'signed in by password', subject: account.id })
    const { id: accountId, stamp } = account
    return openSession(ctx, tx, { accountId, stamp, way: 'password', device: from.device })
  })
}

/** ACC-3: every other session ends, and so do links on their way. This one goes on under the secret in the answer. */
export async function setPassword(ctx: Context, person: Person, password: string): Promise<string> {
  refuseUnconfirmed(ctx)
  const passwordHash = await hashPassword(password)
  return change(ctx, { service: null }, async (tx, record) => {
    await setPasswordHash(tx, person.accountId, passwordHash)
    await dropLinksOf(tx, person.accountId, ['sign-in', 'email'])
    await endOtherSessions(ctx, tx, person.accountId)
    const summary = 'set a password; other sessions ended'
    record({ action: 'account.password-set', summary, subject: person.accountId })
    await ctx.mail.send(
      {
        to: person.email,
        subject: 'Your password was changed',
        text: `The password of your account at Phasegate was set just now. Everybody who was signed in elsewhere is signed out.

If it was not you, ask for a link to sign in and set another:

${teamUrl(ctx, '/sign-in')}
`,
      },
      tx,
    )
    return renewSession(tx, person.sessionId)
  })
}

/** Always the same answer: whether another account has the address shows only in its own mailbox. */
export async function askForNewEmail(ctx: Context, person: Person, email: string): Promise<void> {
  refuseUnconfirmed(ctx)
  await change(ctx, { service: null }, async (tx, record) => {
    await dropLinksOf(tx, person.accountId, ['email'])
    const link = await makeLink(ctx, tx, 'email', person.accountId, email)
    await ctx.mail.send(
      {
        to: email,
        subject: 'Confirm your new address',
        text: `${person.name} asked to sign in to Phasegate with this address. Open this link to confirm it. It works once, for a day:

${link}

If that is not you, do nothing.
`,
      },
      tx,
    )
    record({ action: 'account.email-asked', summary: 'asked to change the address', subject: person.accountId })
  })
}

/** The new address is proven by its link, and the old one is told. Every session ends but the one that opened it. */
export async function changeEmail(ctx: Context, token: string): Promise<void> {
  const { purpose, accountId, email, account } = await findWorkingLink(ctx, token)
  if (purpose !== 'email' || accountId === null || email === null || account === null) throw new Refusal('link-expired')
  await change(ctx, { service: null }, async (tx, record) => {
    const at = ctx.clock.now()
    if (!(await useLink(tx, hashSecret(token), at))) throw new Refusal('link-used')
    const other = await findAccountByEmail(tx, email)
    if (other !== null && other.id !== accountId) throw new Refusal('link-expired')
    await setEmail(tx, accountId, email, at)
    await dropLinksOf(tx, accountId, ['sign-in', 'email'])
    await endOtherSessions(ctx, tx, accountId)
    await ctx.mail.send(
      {
        to: account.email,
        subject: 'Your address was changed',
        text: `Your account at Phasegate has another email address now. If it was not you, tell whoever runs this installation.
`,
      },
      tx,
    )
    record({
      action: 'account.email-changed',
      summary: 'changed the address; other sessions ended',
      subject: accountId,
    })
  })
}

/** Signing out twice is no mistake. */
export async function endOwnSession(ctx: Context, person: Person, sessionId: string): Promise<void> {
  await change(ctx, { service: null }, async (tx, record) => {
    if (await endSession(tx, person.accountId, sessionId))
      record({ action: 'account.signed-out', summary: 'ended a session', subject: person.accountId })
  })
}

export async function endOwnOtherSessions(ctx: Context, person: Person): Promise<void> {
  await change(ctx, { service: null }, async (tx, record) => {
    await endOtherSessions(ctx, tx, person.accountId)
    record({ action: 'account.signed-out', summary: 'signed out everywhere else', subject: person.accountId })
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
