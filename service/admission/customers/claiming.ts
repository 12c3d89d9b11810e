import { createHmac, timingSafeEqual } from 'node:crypto'
import type { SigningKey } from '../../../packages/admission/src/index.ts'
import {
  act,
  actorName,
  asOne,
  change,
  hashSecret,
  newSecret,
  Refusal,
  type Context,
  type Record,
  type Tx,
} from '../../platform/index.ts'
import type { Service } from '../../services/index.ts'
import { asPerson } from '../acceptance.ts'
import { findParticipant } from '../participant-store.ts'
import type { Snapshots } from '../snapshots.ts'
import { insertClaim, putAlias, putReturnSetting, readReturnSetting, spendClaim } from './claim-store.ts'
import { claimMinutes, type ReturnSetting } from './customers.ts'
import { countPeople, findCustomerFor, insertCustomer, setAccountOf, setExternalId } from './store.ts'

const topic = 'admission'

/** ADM-62: only addresses whose origin the team allowed; anything else is as if nothing had been asked for. */
export function returnAddress({ origins, address }: ReturnSetting, wanted: string | undefined): string | null {
  const asked = wanted === undefined || wanted === '' ? address : wanted
  if (asked === null || asked.length > 2000 || !URL.canParse(asked)) return null
  const url = new URL(asked)
  const isWeb = url.protocol === 'https:' || url.protocol === 'http:'
  if (!isWeb || url.username !== '' || url.password !== '' || !origins.includes(url.origin)) return null
  url.hash = ''
  return url.toString()
}

/** `kid.exp.id.mac`, bound to the service and the return address; the id is random and only its hash is kept. */
function sign(
  key: SigningKey,
  service: Service,
  { exp, id, returnTo }: { exp: number; id: string; returnTo: string },
): string {
  const said = JSON.stringify(['claim', service.key, exp, id, returnTo])
  const mac = createHmac('sha256', key.secret).update(said).digest('base64url')
  return `${key.kid}.${exp}.${id}.${mac}`
}

/** The id of a claim that this service signed for this address and that has not run out; null for anything else. */
export function readClaim(
  claim: string,
  service: Service,
  keys: readonly SigningKey[],
  { returnTo, now }: { returnTo: string; now: Date },
): string | null {
  const [kid, exp, id] = claim.split('.')
  const key = keys.find((each) => each.kid === kid)
  if (key === undefined || exp === undefined || id === undefined || !/^\d{1,12}$/.test(exp)) return null
  const right = Buffer.from(sign(key, service, { exp: Number(exp), id, returnTo }))
  const given = Buffer.from(claim)
  const isGenuine = right.length === given.length && timingSafeEqual(right, given)
  return isGenuine && Number(exp) * 1000 > now.getTime() ? id : null
}

/** Many may accept at once, and each is asked where to go. */
const returnSettingOf = asOne(readReturnSetting)

/** ADM-61: where a person who accepted goes next, with a claim; null where nothing was allowed. */
export async function issueClaim(
  ctx: Context,
  snapshots: Snapshots,
  service: Service,
  { unit, returnTo: wanted }: { unit: string; returnTo: string | undefined },
): Promise<string | null> {
  const returnTo = returnAddress(await returnSettingOf(ctx.db, service.id), wanted)
  const [key] = snapshots.keysOf(service.id)
  if (returnTo === null || key === undefined) return null
  const person = await findParticipant(ctx.db, service.id, { unit })
  if (person === null) return null
  const id = newSecret()
  const expiresAt = new Date(ctx.clock.now().getTime() + claimMinutes * 60_000)
  const made = { idHash: hashSecret(id), serviceId: service.id, participantId: person.id, returnTo, expiresAt }
  await change(asPerson(ctx), { service: service.id, topic: 'claims' }, (tx) => insertClaim(tx, made))
  const url = new URL(returnTo)
  const exp = Math.floor(expiresAt.getTime() / 1000)
  url.searchParams.set('phasegate_claim', sign(key, service, { exp, id, returnTo }))
  return url.toString()
}

export interface Redeeming {
  claim: string
  returnTo: string
  user: string
  account?: { id: string; name?: string | undefined } | undefined
}

export interface Redeemed {
  unit: string
  user: string
  account: string | null
}

/** ADM-61, ADM-27: the application's server says who it is; from then on its id and the unit are one person. */
export async function redeemClaim(
  ctx: Context,
  snapshots: Snapshots,
  service: Service,
  { claim, returnTo, user, account }: Redeeming,
): Promise<Redeemed> {
  const at = ctx.clock.now()
  const address = URL.canParse(returnTo) ? new URL(returnTo).toString() : returnTo
  const deed = { permission: 'claims.redeem', service: service.id, topic } as const
  const redeemed = await act(ctx, deed, async (tx, record) => {
    const id = readClaim(claim, service, snapshots.keysOf(service.id), { returnTo: address, now: at })
    const spent = { serviceId: service.id, idHash: hashSecret(id ?? ''), returnTo: address, at }
    const participantId = id === null ? null : await spendClaim(tx, spent)
    const person = participantId === null ? null : await findParticipant(tx, service.id, { id: participantId })
    if (person === null) throw new Refusal('claim-not-good')
    await putAlias(tx, { serviceId: service.id, externalId: user, participantId: person.id, at })
    if (account !== undefined) await join(ctx, tx, record, service, { participantId: person.id, account })
    record({ action: 'admission.claimed', summary: 'an application said whom it let in', subject: person.unit })
    return { unit: person.unit, user, account: account?.id ?? null }
  })
  await snapshots.refresh(service.id)
  return redeemed
}

/** ADM-60: an account of which n people may come takes no more by a claim either. */
async function join(
  ctx: Context,
  tx: Tx,
  record: Record,
  service: Service,
  { participantId, account: { id, name = id } }: { participantId: string; account: NonNullable<Redeeming['account']> },
): Promise<void> {
  const named = name.slice(0, 100)
  const known = await findCustomerFor(tx, service.id, { id, name: named, participantId })
  if (known !== null) {
    const others = await countPeople(tx, known.id, participantId)
    if (known.people !== null && others >= known.people) throw new Refusal('account-full')
    await setExternalId(tx, known.id, id)
    return setAccountOf(tx, participantId, known.id)
  }
  const made = {
    serviceId: service.id,
    externalId: id,
    people: null,
    at: ctx.clock.now(),
    by: actorName(ctx.actor),
    link: null,
  }
  // Another account can have this name and an id of its own.
  const customerId =
    (await insertCustomer(tx, { ...made, name: named })) ??
    (await insertCustomer(tx, { ...made, name: `${named.slice(0, 60)} (${id.slice(0, 36)})` }))
  if (customerId === null) throw new Refusal('account-known')
  record({ action: 'account.added', summary: 'an application told of a customer account', subject: customerId })
  await setAccountOf(tx, participantId, customerId)
}

export async function setReturnSetting(ctx: Context, service: Service, to: ReturnSetting): Promise<void> {
  if (to.address !== null && returnAddress(to, to.address) === null) throw new Refusal('return-not-allowed')
  await act(ctx, { permission: 'service.edit', service: service.id, topic }, async (tx, record) => {
    await putReturnSetting(tx, service.id, to)
    const detail = { origins: to.origins }
    record({ action: 'admission.return', summary: 'changed where people go after they accepted', detail })
  })
}
