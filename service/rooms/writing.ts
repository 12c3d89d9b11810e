import { createHash } from 'node:crypto'
import {
  act,
  actorName,
  change,
  must,
  newSecret,
  Refusal,
  type Context,
  type Record,
  type Tx,
} from '../platform/index.ts'
import { asPerson } from '../admission/index.ts'
import { receive } from '../feedback/index.ts'
import { findMessage, insertMessage, setFeedback, settle, unsettle, type NewMessage } from './message-store.ts'
import { kindNames, nameOf, theTeam, type Member, type Message, type MessageKind, type Place } from './room.ts'
import { isOpen } from './rules.ts'
import { findRoom, memberById } from './store.ts'

interface Written {
  text: string
  kind?: MessageKind | undefined
  answers?: string | undefined
  sentId?: string | undefined
}

const topic = 'rooms'
const longestAloud = 1_500

/** ROOM-2: a tester's own act; it needs no role, and history names nobody. */
export async function writeAsTester(ctx: Context, place: Place, member: Member, sent: Written): Promise<void> {
  if (!ctx.disk.hasRoom()) throw new Refusal('no-room')
  await change(asPerson(ctx), { service: place.service.id, topic }, async (tx, record) => {
    const root = await rootOf(tx, place, sent.answers)
    const said = {
      fromTeam: false,
      memberId: member.id,
      accountId: null,
      by: '',
      kind: root === null ? sent.kind : undefined,
    }
    const isNew = await put(ctx, tx, record, place, { ...said, name: nameOf(member) }, sent, root)
    if (isNew && root !== null && !root.fromTeam) await unsettle(tx, root.id)
  })
}

/** ROOM-3: what a tester began is settled by the team's answer. */
export async function writeAsTeam(ctx: Context, place: Place, sent: Written): Promise<void> {
  const deed = { permission: 'rooms.write', service: place.service.id, topic } as const
  await act(ctx, deed, async (tx, record) => {
    const root = await rootOf(tx, place, sent.answers)
    const who = actorName(ctx.actor)
    // Testers read it, to whom the name of a key says nothing.
    const by = ctx.actor.kind === 'key' ? theTeam : who
    const accountId = ctx.actor.kind === 'account' ? ctx.actor.accountId : null
    await put(ctx, tx, record, place, { fromTeam: true, memberId: null, accountId, by, name: by }, sent, root)
    if (root !== null) await settle(tx, root.id, { at: ctx.clock.now(), by: who })
  })
}

interface Author {
  fromTeam: boolean
  memberId: string | null
  accountId: string | null
  by: string
  /** As a chat is told. */
  name: string
  kind?: MessageKind | undefined
}

async function put(
  ctx: Context,
  tx: Tx,
  record: Record,
  { service, feature }: Place,
  { name, kind, ...author }: Author,
  sent: Written,
  root: Message | null,
): Promise<boolean> {
  const message: NewMessage = {
    ...author,
    featureId: feature.id,
    serviceId: service.id,
    at: ctx.clock.now(),
    answersId: root?.id ?? null,
    kind: kind ?? null,
    text: sent.text,
    sentId: sentIdOf(author, kind, sent, root),
  }
  const id = await insertMessage(tx, message)
  if (id === null) return false
  const what = kind === undefined ? (root === null ? 'to the testers' : 'as an answer') : kindNames[kind].toLowerCase()
  record({
    action: 'room.message',
    summary: `wrote in the beta room of “${feature.name}”`,
    subject: id,
    detail: { key: feature.key },
    aloud: `${name} in the beta room of “${feature.name}” (${what}): ${sent.text.slice(0, longestAloud)}`,
  })
  return true
}

/**
 * ROOM-2: the same message sent twice is one. A form that came back by the browser's “back” holds its id still: other words from it
 * are another message.
 */
function sentIdOf(
  { memberId, accountId }: Omit<Author, 'name' | 'kind'>,
  kind: MessageKind | undefined,
  { sentId, text }: Written,
  root: Message | null,
): string {
  if (sentId === undefined) return newSecret()
  const parts = [sentId, memberId, accountId, kind, root?.id, text]
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url')
}

/** The room has to be open, and what is answered has to stand in it. */
async function rootOf(tx: Tx, { feature }: Place, answers: string | undefined): Promise<Message | null> {
  const room = await findRoom(tx, feature.id)
  if (room === null) throw new Refusal('not-found')
  if (!isOpen(room)) throw new Refusal('room-closed')
  if (answers === undefined) return null
  const answered = await findMessage(tx, feature.id, answers)
  if (answered === null) throw new Refusal('not-found')
  return answered.answersId === null ? answered : findMessage(tx, feature.id, answered.answersId)
}

/** ROOM-3: the team may also say that a message needs no answer. */
export async function settleMessage(ctx: Context, place: Place, id: string): Promise<void> {
  const deed = { permission: 'rooms.write', service: place.service.id, topic } as const
  await act(ctx, deed, async (tx, record) => {
    const message = await findMessage(tx, place.feature.id, id)
    if (message === null) throw new Refusal('not-found')
    if (!(await settle(tx, id, { at: ctx.clock.now(), by: actorName(ctx.actor) }))) return
    const summary = `said that a message in the beta room of “${place.feature.name}” needs no answer`
    record({ action: 'room.settled', summary, subject: id })
  })
}

const feedbackKinds = { experience: 'experience', suggestion: 'suggestion', feedback: 'general' } as const

/** ROOM-7: the same message becomes one item of feedback, however often it is asked for. */
export async function turnIntoFeedback(ctx: Context, place: Place, id: string): Promise<string> {
  const { service, feature } = place
  await must(ctx, 'rooms.write', service.id)
  const message = await findMessage(ctx.db, feature.id, id)
  if (message === null) throw new Refusal('not-found')
  if (message.feedbackReference !== null) return message.feedbackReference
  if (message.fromTeam) throw new Refusal('not-of-a-tester')
  const author = message.memberId === null ? null : await memberById(ctx.db, feature.id, message.memberId)
  const sent = {
    id: `room-${message.id}`,
    comment: message.text,
    kind: message.kind === null ? undefined : feedbackKinds[message.kind],
  }
  const origin = { channel: 'api', arm: 'new', unit: author?.unit ?? null, transaction: null } as const
  const asRoom: Context = { ...ctx, actor: { kind: 'system', name: 'Beta room' } }
  const { reference } = await receive(asRoom, service, sent, origin)
  return act(ctx, { permission: 'rooms.write', service: service.id, topic }, async (tx, record) => {
    await setFeedback(tx, id, reference)
    const summary = `turned a message of the beta room of “${feature.name}” into feedback ${reference}`
    record({ action: 'room.feedback', summary, subject: id })
    return reference
  })
}
