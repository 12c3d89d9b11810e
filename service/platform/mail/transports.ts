import { randomBytes } from 'node:crypto'
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Transporter } from 'nodemailer'
import { Refusal } from '../refusal.ts'
import type { MailMessage } from './mailer.ts'

export interface MailTransport {
  name: string
  deliver(message: MailMessage, at: Date): Promise<void>
  /** Where mails are kept, those to or about somebody are deleted. */
  forget?(address: string): Promise<void>
}

export function smtpTransport(smtpUrl: string, from: string): MailTransport {
  // Read with the first mail: a start has no use for it.
  let connection: Promise<Transporter> | null = null
  const connect = async () => (await import('nodemailer')).createTransport(smtpUrl)
  return {
    name: 'smtp',
    async deliver({ to, subject, text, stop, replyTo, thread }) {
      connection ??= connect()
      await (
        await connection
      ).sendMail({
        ...{ from, to, subject, text },
        ...(replyTo === undefined ? {} : { replyTo }),
        ...(thread === undefined ? {} : threadHeaders(thread)),
        headers: { ...writtenByProgram, ...(stop === undefined ? {} : stopHeaders(stop)) },
      })
    },
  }
}

/** RFC 3834: programs that answer for somebody who is away leave it unanswered; Exchange wants its own word for that. */
const writtenByProgram = { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' }

function threadHeaders({ id, answers }: NonNullable<MailMessage['thread']>) {
  return { messageId: id, ...(answers === null ? {} : { inReplyTo: answers, references: answers }) }
}

/** RFC 8058: the mail program shows a button, and one press of it is enough. */
function stopHeaders(url: string): Record<string, string> {
  return { 'List-Unsubscribe': `<${url}>`, 'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click' }
}

/** Development: each mail is a file, which the page "Mails" lists. */
export function fileTransport(directory: string): MailTransport {
  return {
    name: 'files',
    async deliver(message, at) {
      await mkdir(directory, { recursive: true, mode: 0o700 })
      const name = `${at.toISOString().replaceAll(':', '-')}-${randomBytes(4).toString('hex')}.json`
      const path = join(directory, name)
      await writeFile(`${path}.part`, JSON.stringify({ ...message, at: at.toISOString() }, null, 2), { mode: 0o600 })
      await rename(`${path}.part`, path)
    },
    async forget(address) {
      for (const name of await readdir(directory).catch(() => [])) {
        const path = join(directory, name)
        const text = await readFile(path, 'utf8').catch(() => '')
        if (text.toLowerCase().includes(address.toLowerCase())) await rm(path, { force: true })
      }
    },
  }
}

export interface MailFile extends MailMessage {
  id: string
  at: Date
}

export async function listMailFiles(directory: string, limit: number): Promise<MailFile[]> {
  const names = await readdir(directory).catch(() => [])
  const newest = names
    .filter((name) => name.endsWith('.json'))
    .sort()
    .reverse()
    .slice(0, limit)
  return Promise.all(newest.map((name) => readMailFile(directory, name.slice(0, -'.json'.length))))
}

export async function readMailFile(directory: string, id: string): Promise<MailFile> {
  if (!/^[\w.-]{1,80}$/.test(id)) throw new Refusal('not-found')
  const text = await readFile(join(directory, `${id}.json`), 'utf8').catch(() => {
    throw new Refusal('not-found')
  })
  const mail = JSON.parse(text) as MailMessage & { at: string }
  return { ...mail, id, at: new Date(mail.at) }
}
