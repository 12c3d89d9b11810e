import { randomBytes } from 'node:crypto'
import { hashSecret, threadId, type MailMessage, type Platform, type Tx } from '../platform/index.ts'
import { insertAnswerAddress } from './answer-store.ts'
import { linkDays } from './rules.ts'

/** What a mail needs to be answered by mail; nothing where no mail comes in. */
export type Answerable = Pick<MailMessage, 'replyTo' | 'thread'>

interface Mailed {
  featureId: string
  whom: { memberId: string } | { accountId: string }
  /** What the mail tells; null for one that tells of the room. */
  message: { id: string; answersId: string | null } | null
  /** The message was mailed before: this mail is about it once more. */
  again?: Date
}

const bytes = 24

/** ROOM-15: mail servers may change capitals in an address, and end it after 64 letters: so it is hexadecimal. */
export async function answerableBy(
  { config }: Pick<Platform, 'config'>,
  tx: Tx,
  { featureId, whom, message, again }: Mailed,
  at: Date,
): Promise<Answerable> {
  if (config.mailIn === null) return {}
  const { domain } = config.mailIn
  const token = randomBytes(bytes).toString('hex')
  const memberId = 'memberId' in whom ? whom.memberId : null
  const accountId = 'accountId' in whom ? whom.accountId : null
  const answersId = message === null ? null : (message.answersId ?? message.id)
  const expiresAt = new Date(at.getTime() + linkDays * 86_400_000)
  await insertAnswerAddress(tx, hashSecret(token), { featureId, memberId, accountId, answersId, expiresAt })
  const replyTo = `room-${token}@${domain}`
  if (message === null) return { replyTo }
  const who = memberId ?? accountId ?? ''
  const own = threadId(domain, message.id, who)
  const begun = message.answersId === null ? null : threadId(domain, message.answersId, who)
  const thread =
    again === undefined
      ? { id: own, answers: begun }
      : { id: threadId(domain, message.id, who, again.toISOString()), answers: begun ?? own }
  return { replyTo, thread }
}

/** Null where it is none of ours. */
export function tokenOf(local: string): string | null {
  return /^room-([0-9a-f]{48})$/.exec(local)?.[1] ?? null
}
