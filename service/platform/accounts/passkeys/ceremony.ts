import type { AuthenticationResponseJSON, RegistrationResponseJSON } from '@simplewebauthn/server'
import { z } from 'zod'
import type { Context } from '../../context.ts'
import { Refusal } from '../../refusal.ts'
import { hashSecret, newSecret } from '../secrets.ts'
import { relyingPartyOf, type RelyingParty } from './relying-party.ts'
import { countUse, findPasskey, insertChallenge, takeChallenge, type ChallengePurpose, type Passkey } from './store.ts'

/** Two hundred modules, which no start waits for: read when somebody uses a passkey. */
const webAuthn = () => import('@simplewebauthn/server')

// EdDSA, ES256, RS256: what devices have.
const algorithms = [-8, -7, -257]
/** A challenge lives as long as somebody may need to find the device. */
const challengeMinutes = 5
export const mostSentChars = 20_000

/** For what a device is asked, and who may answer: the browser's own secret, or the id of the session. */
export interface Asked {
  purpose: ChallengePurpose
  holder: string
}

function partyOf(ctx: Context): RelyingParty {
  const party = relyingPartyOf(ctx.config)
  if (party === null) throw new Refusal('no-passkeys-here')
  return party
}

/** ACC-31: 256 random bits, of which only the hash is kept; one answer within five minutes. */
async function challenge(ctx: Context, asked: Asked): Promise<string> {
  const secret = newSecret()
  const at = ctx.clock.now()
  const expiresAt = new Date(at.getTime() + challengeMinutes * 60_000)
  await insertChallenge(ctx.db, { ...rowOf(asked, secret), at, expiresAt })
  return secret
}

function rowOf({ purpose, holder }: Asked, secret: string) {
  return { purpose, holderHash: hashSecret(holder), hash: hashSecret(secret) }
}

const encode = (secret: string) => Buffer.from(secret, 'base64url')

/** What the browser needs to ask the person for a passkey; it is found by the device, without a name. */
export async function askForPasskey(ctx: Context, asked: Asked, allowed: readonly Passkey[] = []): Promise<object> {
  const { id } = partyOf(ctx)
  const { generateAuthenticationOptions } = await webAuthn()
  return generateAuthenticationOptions({
    rpID: id,
    challenge: encode(await challenge(ctx, asked)),
    userVerification: 'required',
    timeout: challengeMinutes * 60_000,
    allowCredentials: allowed.map(({ id, transports }) => ({ id, transports })),
  })
}

export async function askForNewPasskey(
  ctx: Context,
  asked: Asked,
  person: { accountId: string; email: string; name: string },
  known: readonly Passkey[],
): Promise<object> {
  const { id } = partyOf(ctx)
  const { generateRegistrationOptions } = await webAuthn()
  return generateRegistrationOptions({
    rpName: 'Phasegate',
    rpID: id,
    // Nothing about the person: the device shows it to whoever holds it.
    userID: handleOf(person.accountId),
    userName: person.email,
    userDisplayName: person.name,
    challenge: encode(await challenge(ctx, asked)),
    timeout: challengeMinutes * 60_000,
    attestationType: 'none',
    supportedAlgorithmIDs: algorithms,
    excludeCredentials: known.map(({ id, transports }) => ({ id, transports })),
    authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
  })
}

function handleOf(accountId: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(Buffer.from(accountId.replaceAll('-', ''), 'hex'))
}

const base64url = z.string().max(12_000)
const transports = z.array(z.string().max(30)).max(10).optional()
const common = { id: base64url.min(1).max(1400), rawId: base64url, type: z.literal('public-key') }
const extensions = z.looseObject({}).optional()
const sentAssertion = z.object({
  ...common,
  clientExtensionResults: extensions,
  response: z.object({
    clientDataJSON: base64url,
    authenticatorData: base64url,
    signature: base64url,
    userHandle: base64url.nullish(),
  }),
})
const sentNew = z.object({
  ...common,
  clientExtensionResults: extensions,
  response: z.object({ clientDataJSON: base64url, attestationObject: base64url, transports }),
})

function parseSent<S extends z.ZodType>(schema: S, sent: string): z.output<S> | null {
  if (sent.length > mostSentChars) return null
  try {
    return schema.parse(JSON.parse(sent))
  } catch {
    return null
  }
}

/** The passkey that signed what this browser or session was asked for, used now by its person; null for anything else. */
export async function usedPasskey(ctx: Context, asked: Asked, sent: string): Promise<Passkey | null> {
  const response = parseSent(sentAssertion, sent)
  const party = partyOf(ctx)
  const passkey = response === null ? null : await findPasskey(ctx.db, response.id)
  if (response === null || passkey === null) return null
  const { userHandle } = response.response
  if (userHandle && !Buffer.from(userHandle, 'base64url').equals(handleOf(passkey.accountId))) return null
  const seen = await believed(ctx, async () => {
    let secret = ''
    const { verifyAuthenticationResponse } = await webAuthn()
    const { verified, authenticationInfo } = await verifyAuthenticationResponse({
      response: response as AuthenticationResponseJSON,
      expectedChallenge: (sent) => (secret = sent) !== '',
      expectedOrigin: party.origin,
      expectedRPID: party.id,
      requireUserVerification: true,
      credential: { ...passkey, publicKey: Uint8Array.from(passkey.publicKey) },
    })
    return verified ? { secret, counter: authenticationInfo.newCounter } : null
  })
  if (seen === null || !(await isAsked(ctx, asked, seen.secret))) return null
  return (await countUse(ctx.db, passkey.id, seen.counter, ctx.clock.now())) ? passkey : null
}

/** The new passkey that a device made for this session; null where it did not. */
export async function madePasskey(
  ctx: Context,
  asked: Asked,
  sent: string,
): Promise<Pick<Passkey, 'id' | 'publicKey' | 'counter' | 'transports'> | null> {
  const response = parseSent(sentNew, sent)
  if (response === null) return null
  const party = partyOf(ctx)
  const made = await believed(ctx, async () => {
    let secret = ''
    const { verifyRegistrationResponse } = await webAuthn()
    const { verified, registrationInfo } = await verifyRegistrationResponse({
      response: response as RegistrationResponseJSON,
      expectedChallenge: (sent) => (secret = sent) !== '',
      expectedOrigin: party.origin,
      expectedRPID: party.id,
      requireUserVerification: true,
      supportedAlgorithmIDs: algorithms,
    })
    return verified ? { secret, ...registrationInfo.credential } : null
  })
  if (made === null || !(await isAsked(ctx, asked, made.secret))) return null
  const { id, publicKey, counter } = made
  return { id, publicKey: Buffer.from(publicKey), counter, transports: response.response.transports ?? [] }
}

/** What was signed is what this browser or session was asked, not long ago, and not answered yet. */
function isAsked(ctx: Context, asked: Asked, secret: string): Promise<boolean> {
  return takeChallenge(ctx.db, { ...rowOf(asked, secret), at: ctx.clock.now() })
}

/** The library says by throwing that something sent is not right. */
async function believed<T>(ctx: Context, check: () => Promise<T | null>): Promise<T | null> {
  try {
    return await check()
  } catch (error) {
    ctx.log.warn({ reason: (error as Error).message.slice(0, 200) }, 'a passkey was not believed')
    return null
  }
}
