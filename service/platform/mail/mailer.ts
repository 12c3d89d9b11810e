import { sql } from 'kysely'
import type { Logger } from 'pino'
import type { Clock } from '../clock.ts'
import type { Db, Tx } from '../context.ts'
import type { SecretBox } from '../secret-box.ts'
import type { MailTransport } from './transports.ts'

export interface MailMessage {
  to: string
  subject: string
  /** Plain text; a link stands alone on its line. */
  text: string
  /** Where one press stops mails of this kind (RFC 8058). */
  stop?: string | undefined
  /** Where an answer goes. The address is a secret, as a link is. */
  replyTo?: string | undefined
  /** By what mail programs put it beside what it answers (RFC 5322, 3.6.4). */
  thread?: { id: string; answers: string | null } | undefined
}

/** Mails leave through an outbox: what is written in a transaction is sent only if that transaction holds. */
export interface Mailer {
  send(message: MailMessage, tx: Tx): Promise<void>
  /** A transaction may have left mails: look now rather than at the next turn. */
  wake(): void
  /** What is due has left, or was tried, when this is over: also what this process had begun to send. */
  deliverDue(): Promise<number>
  /** Deletes what this process keeps of mails to or about somebody, once nothing waits for that person any more. */
  forget(address: string): Promise<void>
  /** Hears of addresses to which a mail could not be delivered for good. */
  onGivenUp(listener: (address: string) => Promise<void>): void
  /** How mails leave, for `/ready`. */
  transport: string
  stop(): Promise<void>
}

// What stands in a mail may sign somebody in (ACC-13).
const purpose = 'mail'
const batch = 20
const retryMinutes = [1, 5, 15, 60, 240]
/** Replies by which a mail server says that there is no such mailbox: trying again changes nothing (RFC 5321, 4.2.3). */
const noMailbox = new Set([550, 551, 553])

export function createMailer(parts: {
  db: Db
  clock: Clock
  log: Logger
  secrets: SecretBox
  transport: MailTransport
}): Mailer {
  let round: Promise<number> | null = null
  const listeners: ((address: string) => Promise<void>)[] = []
  let again = false
  const deliverAll = async (): Promise<number> => {
    let sent = 0
    for (;;) {
      const { done, givenUp } = await deliverBatch(parts)
      sent += done
      for (const address of givenUp) for (const listener of listeners) await listener(address)
      if (done < batch) return sent
    }
  }
  const wake = (): void => {
    if (round !== null) {
      again = true
      return
    }
    round = deliverAll()
      .catch((error: unknown) => {
        parts.log.warn({ err: error }, 'mails wait: the outbox could not be read')
        return 0
      })
      .finally(() => {
        round = null
        if (again) {
          again = false
          wake()
        }
      })
  }
  return {
    transport: parts.transport.name,
    async send({ to, subject, text, stop, replyTo, thread }, tx) {
      const now = parts.clock.now()
      const sealed = (secret: string | undefined) => (secret === undefined ? null : parts.secrets.seal(purpose, secret))
      await sql`insert into mail_outbox (recipient, subject, body, stop, reply_to, message_id, answers_message_id,
          created_at, next_try_at)
        values (${to}, ${inOneLine(subject)}, ${sealed(text)}, ${sealed(stop)}, ${sealed(replyTo)},
          ${thread?.id ?? null}, ${thread?.answers ?? null}, ${now}, ${now})`.execute(tx)
    },
    wake,
    async deliverDue() {
      // The round under way holds mails that this one would not see.
      while (round !== null) await round
      return deliverAll()
    },
    forget: async (address) => parts.transport.forget?.(address),
    onGivenUp: (listener) => void listeners.push(listener),
    async stop() {
      again = false
      await round
    },
  }
}

/** A name that somebody typed can hold a line break, and a line of its own in a mail's head is a field of its own. */
function inOneLine(subject: string): string {
  return subject.replaceAll(/[\s\p{Cc}]+/gu, ' ').trim()
}

interface Row {
  id: string
  recipient: string
  subject: string
  body: string
  stop: string | null
  replyTo: string | null
  messageId: string | null
  answers: string | null
  tries: number
}

function opened({ recipient, subject, body, stop, replyTo, messageId, answers }: Row, secrets: SecretBox): MailMessage {
  return {
    to: recipient,
    subject,
    text: secrets.open(purpose, body),
    ...(stop === null ? {} : { stop: secrets.open(purpose, stop) }),
    ...(replyTo === null ? {} : { replyTo: secrets.open(purpose, replyTo) }),
    ...(messageId === null ? {} : { thread: { id: messageId, answers } }),
  }
}

/** The body, which may hold a one-time link, is deleted as soon as the mail has left. */
async function deliverBatch(parts: {
  db: Db
  clock: Clock
  log: Logger
  secrets: SecretBox
  transport: MailTransport
}): Promise<{ done: number; givenUp: string[] }> {
  const givenUp: string[] = []
  const done = await parts.db.transaction().execute(async (tx) => {
    const { rows } = await sql<Row>`
      select id::text as id, recipient, subject, body, stop, reply_to as "replyTo", message_id as "messageId",
        answers_message_id as "answers", tries from mail_outbox
      where sent_at is null and next_try_at is not null and next_try_at <= ${parts.clock.now()}
      order by id limit ${batch} for update skip locked`.execute(tx)
    for (const mail of rows) {
      try {
        await parts.transport.deliver(opened(mail, parts.secrets), parts.clock.now())
        await sql`delete from mail_outbox where id = ${mail.id}::bigint`.execute(tx)
      } catch (error) {
        const wait = isForGood(error) ? undefined : retryMinutes[mail.tries]
        if (wait === undefined) givenUp.push(mail.recipient)
        const next = wait === undefined ? null : new Date(parts.clock.now().getTime() + wait * 60_000)
        parts.log.warn({ err: error, mail: mail.id, tries: mail.tries + 1, again: next }, 'mail not delivered')
        await sql`update mail_outbox set tries = tries + 1, next_try_at = ${next} where id = ${mail.id}::bigint`.execute(
          tx,
        )
      }
    }
    return rows.length
  })
  return { done, givenUp }
}

function isForGood(error: unknown): boolean {
  const code: unknown =
    typeof error === 'object' && error !== null && 'responseCode' in error ? error.responseCode : null
  return typeof code === 'number' && noMailbox.has(code)
}
