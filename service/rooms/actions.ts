import {
  act,
  actorName,
  change,
  hashSecret,
  membersOf,
  newSecret,
  Refusal,
  type Context,
  type Tx,
} from '../platform/index.ts'
import { asPerson, peopleOfCohorts, type Links } from '../admission/index.ts'
import { answerableBy } from './answer-addresses.ts'
import { linkMail } from './mails.ts'
import type { MailWish, Member, Place } from './room.ts'
import { isOpen, linkDays } from './rules.ts'
import {
  closeRoom,
  findRoom,
  insertMembers,
  insertToken,
  markInvited,
  membersToInvite,
  putRoom,
  setSeatMails,
  stopMails,
  updateMember,
} from './store.ts'

const topic = 'rooms'
const edit = ({ service }: Place) => ({ permission: 'rooms.write', service: service.id, topic }) as const

/** ROOM-1: opens the room of a beta, or changes what is said of it. */
export async function openRoom(
  ctx: Context,
  place: Place,
  { welcome, builder }: { welcome: string; builder?: string | undefined },
): Promise<void> {
  const { service, feature } = place
  await act(ctx, edit(place), async (tx, record) => {
    const members = await membersOf(tx, service.id)
    if (builder !== undefined && !members.some(({ accountId }) => accountId === builder))
      throw new Refusal('not-in-team')
    const before = await findRoom(tx, feature.id)
    const by = actorName(ctx.actor)
    await putRoom(tx, {
      ...{ featureId: feature.id, serviceId: service.id, welcome, at: ctx.clock.now(), by },
      builderId: builder ?? null,
    })
    const isOpening = before === null || !isOpen(before)
    record({
      action: isOpening ? 'room.opened' : 'room.changed',
      summary: `${isOpening ? 'opened' : 'changed what is said in'} the beta room of “${feature.name}”`,
      subject: feature.id,
      detail: { key: feature.key },
    })
  })
}

export async function shutRoom(ctx: Context, place: Place): Promise<void> {
  await act(ctx, edit(place), async (tx, record) => {
    if (!(await closeRoom(tx, place.feature.id, ctx.clock.now()))) throw new Refusal('room-closed')
    const summary = `closed the beta room of “${place.feature.name}”`
    record({ action: 'room.closed', summary, subject: place.feature.id, detail: { key: place.feature.key } })
  })
}

/** ROOM-4: everybody in the audience of the beta gets a seat; whoever has an address and no mail yet gets the link. */
export async function inviteTesters(ctx: Context, links: Links, place: Place): Promise<{ mailed: number }> {
  const { service, feature } = place
  const at = ctx.clock.now()
  return act(ctx, edit(place), async (tx, record) => {
    const room = await findRoom(tx, feature.id)
    if (room === null || !isOpen(room)) throw new Refusal('room-closed')
    const cohorts = feature.cohorts.map(({ id }) => id)
    const people = await peopleOfCohorts(tx, service.id, cohorts)
    await insertMembers(tx, { featureId: feature.id, serviceId: service.id, at }, people)
    const invited = await membersToInvite(tx, feature.id)
    for (const { memberId, address } of invited) {
      const link = links.to(service, `room/${await newLink(tx, memberId, at)}`)
      const by = await answerableBy(ctx, tx, { featureId: feature.id, whom: { memberId }, message: null }, at)
      await ctx.mail.send(linkMail({ place, address, link, welcome: room.welcome, by }), tx)
    }
    const mailed = invited.length
    await markInvited(
      tx,
      invited.map(({ memberId }) => memberId),
      at,
    )
    const whom = mailed === 1 ? '1 tester' : `${mailed} testers`
    record({ action: 'room.invited', summary: `mailed the link of the beta room of “${feature.name}” to ${whom}` })
    return { mailed }
  })
}

/** A link of its own in each mail: one that was passed on by mistake ends by itself. */
export async function newLink(tx: Tx, memberId: string, at: Date): Promise<string> {
  const token = newSecret()
  await insertToken(tx, memberId, hashSecret(token), new Date(at.getTime() + linkDays * 86_400_000))
  return token
}

/** What a tester decides alone: the name that others see, mails, and whether the team may see how often they use it. */
export async function changeMember(
  ctx: Context,
  place: Place,
  member: Member,
  { name, mails, usage }: { name?: string | undefined; mails: MailWish; usage: boolean },
): Promise<void> {
  const usageSince = usage ? (member.usageSince ?? ctx.clock.now()) : null
  await change(asPerson(ctx), { service: place.service.id, topic }, async (tx, record) => {
    await updateMember(tx, member.id, { name: name ?? null, mails, usageSince })
    if ((usageSince === null) !== (member.usageSince === null))
      record({
        action: 'room.consent',
        summary: usage ? 'let the team see how often they use the feature' : 'no longer lets the team see their use',
        subject: member.id,
      })
  })
}

/** ROOM-4: one press, and none of these mails comes any more. */
export async function stopMailsOf(ctx: Context, { service }: Place, member: Member): Promise<void> {
  await change(asPerson(ctx), { service: service.id, topic }, (tx) => stopMails(tx, member.id))
}

/** Whether somebody of the team gets each message by mail. */
export async function wishMails(ctx: Context, place: Place, wanted: boolean): Promise<void> {
  const { actor } = ctx
  if (actor.kind !== 'account') throw new Refusal('not-allowed')
  await act(ctx, { ...edit(place), permission: 'rooms.view' }, (tx) =>
    setSeatMails(tx, place.feature.id, actor.accountId, wanted),
  )
}
