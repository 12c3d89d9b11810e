import { createHmac } from 'node:crypto'
import { sql } from 'kysely'
import { change, type Record } from '../../act.ts'
import type { OidcSettings } from '../../config.ts'
import type { Context, Person, Tx } from '../../context.ts'
import { Refusal } from '../../refusal.ts'
import { teamUrl } from '../actions.ts'
import { refuseUnconfirmed } from '../confirmation.ts'
import { hashSecret, newSecret } from '../secrets.ts'
import { endOtherSessions, openSession } from '../sessions.ts'
import { findAccount, insertAccount, verifyAddress, type Account } from '../store.ts'
import { IssuerProblem, type Checks, type Claims, type Issuer } from './issuer.ts'
import { isOfDomain, outcomeOf, type Refused } from './rules.ts'
import {
  deleteIdentity,
  findProof,
  findUnproven,
  insertAttempt,
  insertIdentity,
  putConfirmation,
  putUnproven,
  readKnown,
  setProofToken,
  takeAttempt,
  takeProof,
  touchIdentity,
  type Attempt,
  type Purpose,
  type Unproven,
} from './store.ts'

const minute = 60_000
const attemptMinutes = 15
/** As long as the mailed link that proves the account; the browser's own cookie lives as long. */
export const proofMinutes = 60
export const callbackPath = '/sign-in/oidc/callback'

/** ACC-20: what goes to the issuer and what must come back. Nonce and verifier follow from a secret that only this browser has. */
function checksOf(ctx: Context, browser: string, state: string, purpose: Purpose): Checks {
  const derived = (what: string) => createHmac('sha256', browser).update(`${what} ${state}`).digest('base64url')
  return {
    redirectUri: teamUrl(ctx, callbackPath),
    state,
    nonce: derived('nonce'),
    verifier: derived('verifier'),
    afresh: purpose !== 'sign-in',
  }
}

/** Where to send the browser. Nothing is kept where the issuer does not answer. */
export async function beginAtIssuer(
  ctx: Context,
  issuer: Issuer,
  browser: string,
  wanted: { purpose: Purpose; returnTo: string },
): Promise<URL> {
  if (wanted.purpose === 'add') refuseUnconfirmed(ctx)
  const state = newSecret()
  const url = await issuer.begin(checksOf(ctx, browser, state, wanted.purpose))
  const at = ctx.clock.now()
  await insertAttempt(ctx.db, {
    ...wanted,
    accountId: ctx.actor.kind === 'account' ? ctx.actor.accountId : null,
    stateHash: hashSecret(state),
    browserHash: hashSecret(browser),
    at,
    expiresAt: new Date(at.getTime() + attemptMinutes * minute),
  })
  return url
}

/** What the browser brought back, believed only in the browser that was sent there, once, within a quarter of an hour. */
export async function finishAtIssuer(
  ctx: Context,
  issuer: Issuer,
  browser: string | null,
  query: URLSearchParams,
): Promise<{ attempt: Attempt; claims: Claims }> {
  const state = query.get('state')
  if (browser === null || state === null) throw new Refusal('sign-in-not-begun-here')
  const attempt = await takeAttempt(ctx.db, hashSecret(state), hashSecret(browser), ctx.clock.now())
  if (attempt === null) throw new Refusal('sign-in-not-begun-here')
  return { attempt, claims: await issuer.finish(query, checksOf(ctx, browser, state, attempt.purpose)) }
}

export type SignedInByIssuer =
  | { kind: 'session'; session: string }
  | { kind: 'prove' }
  | { kind: 'refused'; because: Refused }

export async function signInByIssuer(
  ctx: Context,
  settings: OidcSettings,
  { browser, device }: { browser: string; device: string },
  claims: Claims,
): Promise<SignedInByIssuer> {
  return change(ctx, { service: null }, async (tx, record) => {
    // Of two newcomers with one address, the second meets the account of the first.
    if (settings.newcomers) await sql`lock table account in share row exclusive mode`.execute(tx)
    const outcome = outcomeOf(claims, await readKnown(tx, claims), settings)
    if (outcome.kind === 'refused') return outcome
    if (outcome.kind === 'prove') {
      await keepUnproven(ctx, tx, browser, { ...claims, email: outcome.email, accountId: outcome.accountId })
      return { kind: 'prove' }
    }
    const accountId = outcome.kind === 'enter' ? outcome.accountId : await welcome(ctx, tx, record, claims, outcome)
    await touchIdentity(tx, claims, ctx.clock.now())
    record({ action: 'account.signed-in', summary: `signed in by ${settings.name}`, subject: accountId })
    return { kind: 'session', session: await open(ctx, tx, accountId, device, claims.authenticatedAt) }
  })
}

async function open(ctx: Context, tx: Tx, accountId: string, device: string, shownAt: Date | null): Promise<string> {
  const account = await findAccount(tx, accountId)
  if (account === null) throw new Refusal('account-closed')
  return openSession(ctx, tx, { accountId, stamp: account.stamp, way: 'provider', device, shownAt })
}

async function welcome(
  ctx: Context,
  tx: Tx,
  record: Record,
  claims: Claims,
  person: { email: string; name: string },
): Promise<string> {
  const at = ctx.clock.now()
  const account = await insertAccount(tx, { ...person, installation: 'member', passwordHash: null, at })
  // Whoever lets newcomers in takes the issuer's word for their addresses.
  await verifyAddress(tx, account.id, at)
  await insertIdentity(tx, { ...claims, accountId: account.id, at })
  record({ action: 'account.came-by-issuer', summary: `${person.name} came in as a newcomer`, subject: account.id })
  return account.id
}

function keepUnproven(ctx: Context, tx: Tx, browser: string, unproven: Unproven): Promise<void> {
  const at = ctx.clock.now()
  const expiresAt = new Date(at.getTime() + proofMinutes * minute)
  return putUnproven(tx, { ...unproven, browserHash: hashSecret(browser), at, expiresAt })
}

/** The person whose sign-in waits for a proof in this browser. */
export async function readUnproven(ctx: Context, browser: string | null): Promise<Unproven> {
  const unproven = browser === null ? null : await findUnproven(ctx.db, hashSecret(browser), ctx.clock.now())
  if (unproven === null) throw new Refusal('sign-in-not-begun-here')
  return unproven
}

/** ACC-22: the account is shown to be the person's by a link to its own address. */
export async function mailProof(ctx: Context, issuerName: string, browser: string | null): Promise<void> {
  const { accountId } = await readUnproven(ctx, browser)
  const account = await findAccount(ctx.db, accountId)
  if (account === null || browser === null) throw new Refusal('sign-in-not-begun-here')
  const token = newSecret()
  await change(ctx, { service: null }, async (tx, record) => {
    await setProofToken(tx, hashSecret(browser), hashSecret(token))
    await ctx.mail.send(
      {
        to: account.email,
        subject: `Finish signing in with ${issuerName}`,
        text: `You signed in with ${issuerName}. Open this link in the same browser to show that this account is yours; from then on ${issuerName} is enough. It works once, for one hour:\n\n${teamUrl(ctx, `/sign-in/oidc/proof/${token}`)}\n\nIf you did not do that, do nothing: nobody gets in.\n`,
      },
      tx,
    )
    record({
      action: 'account.proof-mailed',
      summary: `asked for a link to finish signing in with ${issuerName}`,
      subject: account.id,
    })
  })
}

export async function readProof(ctx: Context, browser: string | null, token: string): Promise<Unproven> {
  const proof =
    browser === null ? null : await findProof(ctx.db, hashSecret(token), hashSecret(browser), ctx.clock.now())
  if (proof === null) throw new Refusal('sign-in-not-begun-here')
  return proof
}

export async function signInByProof(
  ctx: Context,
  issuerName: string,
  { browser, device }: { browser: string | null; device: string },
  token: string,
): Promise<string> {
  if (browser === null) throw new Refusal('sign-in-not-begun-here')
  return change(ctx, { service: null }, async (tx, record) => {
    const at = ctx.clock.now()
    const proof = await takeProof(tx, hashSecret(token), hashSecret(browser), at)
    const account = proof === null ? null : await findAccount(tx, proof.accountId)
    if (proof === null || account === null) throw new Refusal('sign-in-not-begun-here')
    // ACC-23: first, since it clears away what somebody else may have set up under this address.
    if (await verifyAddress(tx, account.id, at)) await endOtherSessions(ctx, tx, account.id)
    await addIdentity(ctx, tx, record, issuerName, account, proof)
    await touchIdentity(tx, proof, at)
    record({ action: 'account.signed-in', summary: `signed in by ${issuerName}`, subject: account.id })
    return open(ctx, tx, account.id, device, at)
  })
}

/** Somebody who is signed in adds the issuer as a way in. */
export async function addByIssuer(
  ctx: Context,
  settings: OidcSettings,
  attempt: Attempt,
  claims: Claims,
): Promise<void> {
  const { accountId } = ownerOf(ctx, attempt)
  if (!isOfDomain(claims, settings))
    throw new Refusal('identity-of-another-domain', {
      issuer: settings.name,
      domains: settings.emailDomains.join(', '),
    })
  await change(ctx, { service: null }, async (tx, record) => {
    const account = await findAccount(tx, accountId)
    if (account === null) throw new Refusal('not-signed-in')
    const { byIdentity } = await readKnown(tx, claims)
    if (byIdentity?.accountId === accountId) return
    await addIdentity(ctx, tx, record, settings.name, account, claims)
  })
}

function ownerOf({ actor }: Context, attempt: Attempt): Person {
  if (actor.kind !== 'account' || actor.accountId !== attempt.accountId) throw new Refusal('sign-in-not-begun-here')
  return actor
}

async function addIdentity(
  ctx: Context,
  tx: Tx,
  record: Record,
  issuerName: string,
  account: Account,
  who: { issuer: string; subject: string; email: string | null },
): Promise<void> {
  const { issuer, subject, email } = who
  if (!(await insertIdentity(tx, { issuer, subject, email, accountId: account.id, at: ctx.clock.now() })))
    throw new Refusal('identity-taken')
  record({ action: 'account.issuer-added', summary: `added ${issuerName} as a way to sign in`, subject: account.id })
  await ctx.mail.send(
    {
      to: account.email,
      subject: `You can now sign in with ${issuerName}`,
      text: `${issuerName}${email === null ? '' : ` (${email})`} was added to your account as a way to sign in.\n\nIf that was not you, remove it and set a new password:\n\n${teamUrl(ctx, '/account')}\n`,
    },
    tx,
  )
}

export async function removeIdentity(
  ctx: Context,
  issuerName: string,
  who: { issuer: string; subject: string },
): Promise<void> {
  refuseUnconfirmed(ctx)
  const { actor } = ctx
  if (actor.kind !== 'account') throw new Refusal('not-signed-in')
  await change(ctx, { service: null }, async (tx, record) => {
    if (!(await deleteIdentity(tx, actor.accountId, who.issuer, who.subject))) throw new Refusal('not-found')
    await endOtherSessions(ctx, tx, actor.accountId)
    record({
      action: 'account.issuer-removed',
      summary: `removed ${issuerName} as a way to sign in; other sessions ended`,
      subject: actor.accountId,
    })
    await ctx.mail.send(
      {
        to: actor.email,
        subject: `You no longer sign in with ${issuerName}`,
        text: `${issuerName} was removed from your account as a way to sign in, and you are signed out everywhere but where you removed it. A mailed link always works.\n\nIf that was not you, set a new password:\n\n${teamUrl(ctx, '/account')}\n`,
      },
      tx,
    )
  })
}

/** ACC-26: the issuer just asked the person who they are, and it is the one whose session this is. */
export async function confirmByIssuer(ctx: Context, attempt: Attempt, claims: Claims): Promise<void> {
  const { accountId, sessionId } = ownerOf(ctx, attempt)
  const { byIdentity } = await readKnown(ctx.db, claims)
  if (byIdentity?.accountId !== accountId) throw new Refusal('identity-of-another')
  const { authenticatedAt } = claims
  if (authenticatedAt === null || authenticatedAt.getTime() < attempt.createdAt.getTime() - minute)
    throw new IssuerProblem('not-believed', new Error('The issuer did not ask the person again'))
  await putConfirmation(ctx.db, sessionId, ctx.clock.now())
}
