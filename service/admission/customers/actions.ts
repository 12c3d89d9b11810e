import { newUnit } from '../../../packages/admission/src/index.ts'
import { act, actorName, change, hashSecret, newSecret, Refusal, type Context, type Tx } from '../../platform/index.ts'
import { ceilingOf, type Service } from '../../services/index.ts'
import { asPerson, deviceName } from '../acceptance.ts'
import { mostDevices, repeatMs } from '../admission.ts'
import { isDayFull } from '../day-limit.ts'
import { isNotWanted, suppressAsAsked } from '../invitations/suppressing.ts'
import type { Links } from '../links.ts'
import { insertDevice, insertParticipant } from '../participant-store.ts'
import { refuseAboveCeiling } from '../rules.ts'
import { insertAdmission, takePlace } from '../store.ts'
import { accountLinkDays, type Customer } from './customers.ts'
import { accountMail } from './mails.ts'
import {
  contactByToken,
  countPeople,
  customerByToken,
  findCustomer,
  insertAcceptance,
  insertContact,
  insertCustomer,
  lockCustomer,
  renewCustomerLink,
  revokeCustomerLink,
  setAccountOf,
  unitOfAcceptance,
} from './store.ts'

const topic = 'admission'
const invite = ({ id }: Service) => ({ permission: 'admission.invite', service: id, topic }) as const

export interface AccountWanted {
  name: string
  /** Who passes the link on to the people of the account. */
  address: string
  people: number | null
}

/** ADM-60: all of a company, or so many of its people, by one link that its contact passes on. */
export async function inviteAccount(
  ctx: Context,
  links: Links,
  service: Service,
  { name, address, people }: AccountWanted,
): Promise<{ id: string; link: string }> {
  refuseWhileShut(links, service)
  return act(ctx, invite(service), async (tx, record) => {
    const at = ctx.clock.now()
    const token = newSecret()
    const expiresAt = linkEnd(at)
    const by = actorName(ctx.actor)
    const made = { serviceId: service.id, name, externalId: null, people, at, by }
    const id = await insertCustomer(tx, { ...made, link: { tokenHash: hashSecret(token), expiresAt } })
    if (id === null) throw new Refusal('account-known')
    const link = await sendLink(ctx, tx, links, service, {
      account: { id, name, people, taken: 0 },
      address,
      token,
      expiresAt,
    })
    const whom = people === null ? 'all people' : people === 1 ? 'one person' : `${people} people`
    record({ action: 'account.invited', summary: `invited ${whom} of the account “${name}”`, subject: id })
    return { id, link }
  })
}

function refuseWhileShut(links: Links, service: Service): void {
  refuseAboveCeiling(ceilingOf(service.phase), 'invited')
  if (links.isHalted(service.id)) throw new Refusal('halted')
}

/** ADM-41: like every invitation only to whoever may be written to, and with a link to say no by: the contact's own. */
async function sendLink(
  ctx: Context,
  tx: Tx,
  links: Links,
  service: Service,
  sent: {
    account: Pick<Customer, 'id' | 'name' | 'people' | 'taken'>
    address: string
    /** Of the link that the people of the account share. */
    token: string
    expiresAt: Date
  },
): Promise<string> {
  const { account, address, token, expiresAt } = sent
  if (await isNotWanted(ctx, tx, service.id, address)) throw new Refusal('invitation-not-wanted')
  const own = newSecret()
  await insertContact(tx, { tokenHash: hashSecret(own), customerId: account.id, address, at: ctx.clock.now() })
  const link = links.to(service, `account/${token}`)
  const stop = links.to(service, `contact/${own}/stop`)
  await ctx.mail.send(accountMail({ service, account, address, link, stop, expiresAt }), tx)
  return link
}

function linkEnd(at: Date): Date {
  return new Date(at.getTime() + accountLinkDays * 86_400_000)
}

/** The link before it ends. */
export async function renewAccountLink(
  ctx: Context,
  links: Links,
  service: Service,
  { id, address }: { id: string; address: string },
): Promise<{ link: string }> {
  refuseWhileShut(links, service)
  return act(ctx, invite(service), async (tx, record) => {
    const at = ctx.clock.now()
    const account = await findCustomer(tx, service.id, id, at)
    if (account === null) throw new Refusal('not-found')
    const token = newSecret()
    const expiresAt = linkEnd(at)
    await renewCustomerLink(tx, id, { tokenHash: hashSecret(token), expiresAt })
    const link = await sendLink(ctx, tx, links, service, { account, address, token, expiresAt })
    record({ action: 'account.link', summary: `sent a new link to the account “${account.name}”`, subject: id })
    return { link }
  })
}

/** Nobody comes in by it any more; who is in stays in. */
export async function endAccountLink(ctx: Context, service: Service, id: string): Promise<void> {
  await act(ctx, invite(service), async (tx, record) => {
    const at = ctx.clock.now()
    const account = await findCustomer(tx, service.id, id, at)
    if (account === null) throw new Refusal('not-found')
    if (!(await revokeCustomerLink(tx, id, at))) return
    record({ action: 'account.link-ended', summary: `ended the link of the account “${account.name}”`, subject: id })
  })
}

/** ADM-41: nobody of this service writes to the contact again; the link that they passed on goes on working. False where it is no link. */
export async function stopMails(ctx: Context, service: Service, token: string): Promise<boolean> {
  return change(asPerson(ctx), { service: service.id, topic }, async (tx, record) => {
    const contact = await contactByToken(tx, service.id, hashSecret(token), { lock: true })
    if (contact === null) return false
    const { address, customerId } = contact
    await suppressAsAsked({ ctx, tx, record }, service.id, { address, subject: customerId })
    return true
  })
}

export type AccountAccepted =
  | { kind: 'in'; unit: string }
  | { kind: 'unknown' | 'expired' | 'account-full' | 'full' | 'day-full' }

/** ADM-60, ADM-19: exact under races, for the account and for the cap: its row is held, then the rollout's. */
export async function acceptForAccount(
  ctx: Context,
  service: Service,
  { token, nonce, userAgent }: { token: string; nonce: string; userAgent: string },
): Promise<AccountAccepted> {
  refuseAboveCeiling(ceilingOf(service.phase), 'invited')
  const at = ctx.clock.now()
  const nonceHash = hashSecret(nonce)
  return change(asPerson(ctx), { service: service.id, topic }, async (tx, record): Promise<AccountAccepted> => {
    const found = await customerByToken(tx, service.id, hashSecret(token), at)
    if (found === null) return { kind: 'unknown' }
    await lockCustomer(tx, found.id)
    const repeated = await unitOfAcceptance(tx, nonceHash, new Date(at.getTime() - repeatMs))
    if (repeated !== null) return { kind: 'in', unit: repeated }
    if (found.link !== 'open') return { kind: 'expired' }
    if (found.people !== null && (await countPeople(tx, found.id, null)) >= found.people)
      return { kind: 'account-full' }
    if (await isDayFull(tx, service.id, at)) return { kind: 'day-full' }
    if (!(await takePlace(tx, service.id, at, false))) return { kind: 'full' }
    const unit = newUnit()
    const person = { serviceId: service.id, address: null, unit, cohortId: null, accountId: null, at }
    const { id: participantId } = await insertParticipant(tx, person)
    await setAccountOf(tx, participantId, found.id)
    const by = `Account ${found.name}`
    await insertAdmission(tx, { serviceId: service.id, unit, rung: 'invited', at, by, participantId })
    await insertDevice(tx, { participantId, name: deviceName(userAgent), at, most: mostDevices })
    await insertAcceptance(tx, { nonceHash, participantId, at })
    record({ action: 'admission.accepted', summary: 'accepted an invitation of their account', subject: found.id })
    return { kind: 'in', unit }
  })
}
