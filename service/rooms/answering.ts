import { createHash } from 'node:crypto'
import {
  allows,
  findAccount,
  hashSecret,
  Refusal,
  rolesOf,
  teamUrl,
  type Account,
  type Context,
  type Letter,
  type MailDesk,
  type Platform,
} from '../platform/index.ts'
import { createRate, type Links, type Snapshots } from '../admission/index.ts'
import { newLink } from './actions.ts'
import { tokenOf } from './answer-addresses.ts'
import { answerAddress, mayTell } from './answer-store.ts'
import { notTakenMail, type NotTaken } from './mails.ts'
import { placeOf, roomPath } from './place.ts'
import type { Member, Place } from './room.ts'
import { isOpen, isSameMailbox } from './rules.ts'
import { messageText } from './schemas.ts'
import { findRoom, memberById } from './store.ts'
import { memberVisitor } from './visiting.ts'
import { writeAsTeam, writeAsTester } from './writing.ts'

/** Whom a mail went to, while that person may write in the room. */
interface Addressee {
  place: Place
  address: string
  answersId: string | null
  who: { member: Member } | { account: Account }
}

interface Parts {
  platform: Platform
  links: Links
  snapshots: Snapshots
}

/** ROOM-15: answers to mails of a room become messages in it. */
export function roomsDesk(platform: Platform, { links, snapshots }: Omit<Parts, 'platform'>): MailDesk {
  const parts = { platform, links, snapshots }
  const rate = createRate(platform.clock, { each: 30, all: 3_000 })
  return {
    async knows(local) {
      const token = tokenOf(local)
      return token !== null && (await addresseeOf(parts, token)) !== null
    },
    async take(local, letter) {
      const token = tokenOf(local)
      const addressee = token === null ? null : await addresseeOf(parts, token)
      if (token === null || addressee === null) return false
      const problem = await write(platform, addressee, letter)
      if (problem !== null) await tell(parts, addressee, token, problem)
      return true
    },
    isTooMuch(sender) {
      try {
        rate('mail', sender)
        return false
      } catch (error) {
        if (error instanceof Refusal) return true
        throw error
      }
    },
  }
}

async function addresseeOf({ platform, snapshots }: Parts, token: string): Promise<Addressee | null> {
  const { db, clock } = platform
  const found = await answerAddress(db, hashSecret(token), clock.now())
  const place = found === null ? null : await placeOf(db, found)
  if (found === null || place === null) return null
  const { featureId, memberId, accountId, answersId } = found
  if (memberId !== null) {
    const member = await memberById(db, featureId, memberId)
    const visitor = member && (await memberVisitor(asNobody(platform), place.service, member, snapshots))
    const address = visitor?.address ?? null
    return member === null || address === null ? null : { place, address, answersId, who: { member } }
  }
  const account = accountId === null ? null : await findAccount(db, accountId)
  if (account === null || !allows('rooms.write', await rolesOf(db, account.id, place.service.id))) return null
  return { place, address: account.email, answersId, who: { account } }
}

/** What kept it from being a message as it was sent; null where nothing did. */
async function write(platform: Platform, addressee: Addressee, letter: Letter): Promise<NotTaken | null> {
  const { place, address, answersId, who } = addressee
  // Others may have the address from a mail that was passed on, or sent to several.
  if (!isSameMailbox(letter.from, address)) return 'other-sender'
  const room = await findRoom(platform.db, place.feature.id)
  if (room === null || !isOpen(room)) return 'closed'
  const text = messageText.safeParse(letter.words)
  if (!text.success) return letter.words === '' ? (letter.attachments > 0 ? 'only-files' : 'empty') : 'too-long'
  const answers = answersId ?? undefined
  const whose = 'member' in who ? who.member.id : who.account.id
  const sent = { text: text.data, answers, sentId: sentIdOf(whose, letter) }
  try {
    if ('member' in who) {
      const kind = answersId === null ? 'feedback' : undefined
      await writeAsTester(asNobody(platform), place, who.member, { ...sent, kind })
    } else await writeAsTeam(asColleague(platform, who.account), place, sent)
  } catch (error) {
    // It was closed in between.
    if (error instanceof Refusal && error.code === 'room-closed') return 'closed'
    throw error
  }
  return letter.attachments > 0 ? 'without-files' : null
}

/** ROOM-2: a mail that is delivered again is the same message; nobody can take the id of somebody else's. */
function sentIdOf(whose: string, { id }: Letter): string {
  return `mail-${createHash('sha256').update(`${whose} ${id}`).digest('base64url')}`
}

/** ROOM-16: the person is told, at the address that the mail went to and at no other. */
async function tell({ platform, links }: Parts, addressee: Addressee, token: string, why: NotTaken): Promise<void> {
  const { db, clock, mail } = platform
  const { place, address, who } = addressee
  const at = clock.now()
  await db.transaction().execute(async (tx) => {
    if (!(await mayTell(tx, hashSecret(token), at))) return
    const link =
      'member' in who
        ? links.to(place.service, `room/${await newLink(tx, who.member.id, at)}`)
        : teamUrl(platform, roomPath(place))
    await mail.send(notTakenMail({ place, address, link, why }), tx)
  })
  mail.wake()
}

function asNobody(platform: Platform): Context {
  return { ...platform, actor: { kind: 'anonymous' }, requestId: 'mail' }
}

/** Without a session: what asks for a confirmation is refused. */
function asColleague(platform: Platform, { id, name, email, installation }: Account): Context {
  const seenAt = platform.clock.now()
  const person = { accountId: id, sessionId: 'mail', name, email, installation, seenAt, confirmedAt: null }
  return { ...platform, actor: { kind: 'account', ...person }, requestId: 'mail' }
}
