import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import type { AddressInfo, Socket } from 'node:net'
import { createSecureContext } from 'node:tls'
import type { Logger } from 'pino'
import type { SMTPServerDataStream, SMTPServerOptions, SMTPServerSession } from 'smtp-server'
import type { MailInSettings } from '../config.ts'
import { isDatabaseAway, networkOf } from '../http/index.ts'
import { Refusal } from '../refusal.ts'
import { StartProblem } from '../start-problem.ts'
import type { Letter, MailDesk } from './desk.ts'
import { createReader } from './reading.ts'

export interface Receiver {
  port: number
  /** Ends what is under way, and takes nothing more. */
  stop(): Promise<void>
}

export interface ReceiverParts {
  settings: MailInSettings
  desk: MailDesk
  log: Logger
  /** What still comes is asked to go to another instance, or to come again. */
  isEnding(): boolean
  limits?: Partial<Limits>
}

interface Limits {
  connections: number
  ofOneNetwork: number
  /** Of one connection. */
  mails: number
  recipients: number
  /** Addresses that lead nowhere, of one connection. */
  strangers: number
  /** Between two mails. */
  commandBytes: number
  idleMs: number
  /** Of a whole connection. */
  longestMs: number
}

/** Answers are words: what is larger carries files, which nobody takes here. */
export const largestMail = 5 * 1_048_576
const usual: Limits = {
  ...{ connections: 50, ofOneNetwork: 20, mails: 20, recipients: 5, strangers: 5, commandBytes: 65_536 },
  ...{ idleMs: 30_000, longestMs: 300_000 },
}
const endMs = 8_000

/** What one connection did so far. */
interface Conduct {
  socket: Socket
  begunAt: number
  /** What was read before the last mail ended: from there on it is commands. */
  readBefore: number
  isInMail: boolean
  mails: number
  /** Addresses that lead nowhere: whoever guesses is sent away. */
  strangers: number
}

/** Says no, with the code by which a sender tries again (4xx) or not (5xx). */
class Answer extends Error {
  readonly responseCode: number
  constructor(responseCode: number, text: string) {
    super(text)
    this.responseCode = responseCode
  }
}

const ending = () => new Answer(421, 'Ending, try again in a moment')
const later = () => new Answer(451, 'Not possible right now, try again later')
const nobody = () => new Answer(550, 'This address leads nowhere: it has ended, or was never given out')

/** Takes mail for one domain and hands what people wrote to the desk. It relays nothing and writes to nobody by itself. */
export async function openReceiver(parts: ReceiverParts): Promise<Receiver> {
  const { settings, log } = parts
  const most = { ...usual, ...parts.limits }
  const { SMTPServer } = await import('smtp-server')
  const conducts = new Map<string, Conduct>()
  const tls = await certificateOf(settings)
  const talk = conversation(parts, most, conducts)
  const server = new (class extends SMTPServer {
    override connect(...[socket, options]: Parameters<InstanceType<typeof SMTPServer>['connect']>): void {
      const id = options?.id ?? randomUUID()
      const begun = { begunAt: Date.now(), readBefore: 0, isInMail: false, mails: 0, strangers: 0 }
      conducts.set(id, { socket, ...begun })
      super.connect(socket, { ...options, id })
    }
  })({
    ...{ name: settings.domain, logger: false, disableReverseLookup: true, hideENHANCEDSTATUSCODES: false },
    ...{ size: largestMail, rejectOversized: true, maxRecipients: most.recipients, maxCommandLength: 2_048 },
    ...{ maxClients: most.connections, socketTimeout: most.idleMs, closeTimeout: endMs },
    disabledCommands: [...disabled, ...(tls === null ? ['STARTTLS'] : [])],
    ...tls,
    ...talk,
  })
  // Of a connection that broke off there is nothing to tell but that it did.
  server.on('error', (error: { code?: string }) => log.debug({ code: error.code }, 'a connection for mail broke off'))
  server.listen(settings.port, settings.host)
  await once(server.server, 'listening')
  const sweeping = setInterval(() => sweep(conducts, most), 1_000).unref()
  const renewing = setInterval(() => {
    certificateOf(settings).then(
      (read) => read !== null && server.updateSecureContext(read),
      (error: unknown) => log.error({ err: error }, 'the certificate for mail could not be read again'),
    )
  }, 3_600_000).unref()
  const { port } = server.server.address() as AddressInfo
  return {
    port,
    async stop() {
      clearInterval(renewing)
      const ended = new Promise<void>((resolve) => server.close(() => resolve()))
      // Who is in the middle of a mail gets the answer to it.
      for (const connection of server.connections)
        if (!connection.session.envelope?.mailFrom) connection.send(421, ending().message)
      await ended
      clearInterval(sweeping)
    },
  }
}

/** No sign-in, so no relaying for anybody; nothing that tells or does more than taking a mail. */
const disabled = ['AUTH', 'VRFY', 'HELP', 'XCLIENT', 'XFORWARD', 'WIZ', 'SHELL', 'KILL']

async function certificateOf({ certificate }: MailInSettings): Promise<{ cert: Buffer; key: Buffer } | null> {
  if (certificate === null) return null
  try {
    const read = { cert: await readFile(certificate.cert), key: await readFile(certificate.key) }
    createSecureContext(read)
    return read
  } catch (error) {
    throw new StartProblem(`MAIL_IN_CERT and MAIL_IN_KEY cannot be used: ${(error as Error).message}`)
  }
}

/** Too long, or too many commands: it goes. */
function sweep(conducts: Map<string, Conduct>, most: Limits): void {
  for (const [id, { socket, begunAt, readBefore, isInMail }] of conducts) {
    const isTooMuch = !isInMail && socket.bytesRead - readBefore > most.commandBytes
    if (isTooMuch || Date.now() - begunAt > most.longestMs) socket.destroy()
    if (socket.destroyed) conducts.delete(id)
  }
}

type Talk = Required<Pick<SMTPServerOptions, 'onConnect' | 'onMailFrom' | 'onRcptTo' | 'onData'>>

function conversation(parts: ReceiverParts, most: Limits, conducts: Map<string, Conduct>): Talk {
  const { settings, desk, isEnding, log } = parts
  const read = createReader(settings.domain)
  const conductOf = ({ id }: SMTPServerSession): Conduct => {
    const conduct = conducts.get(id)
    if (conduct === undefined) throw ending()
    return conduct
  }
  /** One step: an error becomes an answer, and what nobody thought of becomes “later”. */
  const step = (done: (error?: Error | null) => void, work: () => Promise<void> | void): void => {
    Promise.resolve()
      .then(work)
      .then(
        () => done(),
        (error: unknown) => done(answerTo(error, log)),
      )
  }
  return {
    onConnect: (session, done) =>
      step(done, () => {
        if (isEnding()) throw ending()
        const network = networkOf(session.remoteAddress)
        const near = [...conducts.values()].filter(
          ({ socket }) => !socket.destroyed && networkOf(socket.remoteAddress ?? '') === network,
        )
        if (near.length > most.ofOneNetwork) throw new Answer(421, 'Too many connections, try again in a moment')
      }),
    onMailFrom: (_sender, session, done) =>
      step(done, () => {
        if (isEnding()) throw ending()
        const conduct = conductOf(session)
        conduct.mails += 1
        if (conduct.mails > most.mails) throw new Answer(421, 'Too many mails at once, connect again')
      }),
    onRcptTo: ({ address }, session, done) =>
      step(done, async () => {
        const local = localPart(address, settings.domain)
        if (local !== null && (await desk.knows(local))) return
        const conduct = conductOf(session)
        conduct.strangers += 1
        if (conduct.strangers >= most.strangers) throw new Answer(421, 'Too many addresses that lead nowhere')
        throw local === null ? new Answer(550, 'Nothing is relayed to other domains') : nobody()
      }),
    onData(stream, session, done) {
      const conduct = conducts.get(session.id)
      if (conduct !== undefined) conduct.isInMail = true
      step(
        (error) => {
          if (conduct !== undefined) Object.assign(conduct, { isInMail: false, readBefore: conduct.socket.bytesRead })
          done(error)
        },
        () => take({ ...parts, read }, stream, session),
      )
    },
  }
}

/** Null where the address is of another domain. */
function localPart(address: string, domain: string): string | null {
  const at = address.lastIndexOf('@')
  return address.slice(at + 1).toLowerCase() === domain ? address.slice(0, at).toLowerCase() : null
}

/** Resolves once all of it is kept; what is not thrown is answered with 250. */
async function take(
  { settings, desk, read }: ReceiverParts & { read: ReturnType<typeof createReader> },
  stream: SMTPServerDataStream,
  { envelope: { mailFrom, rcptTo } }: SMTPServerSession,
): Promise<void> {
  // Counted only now: a mail server in front asks for each address before it takes a mail for it.
  if (mailFrom !== false && mailFrom.address !== '' && desk.isTooMuch(mailFrom.address.toLowerCase()))
    throw new Answer(450, 'Too many mails from this sender, try again later')
  const chunks: Buffer[] = []
  for await (const chunk of stream) if (!stream.sizeExceeded) chunks.push(chunk as Buffer)
  // The library answers 552.
  if (stream.sizeExceeded || mailFrom === false || mailFrom.address === '') return
  const reading = await read(Buffer.concat(chunks))
  if (reading === 'late') throw later()
  if (reading === 'unreadable') throw new Answer(554, 'This is not a mail that can be read')
  if (reading.letter === null) return
  if (!(await takeForAll(desk, rcptTo, reading.letter, settings.domain))) throw nobody()
}

async function takeForAll(
  desk: MailDesk,
  recipients: readonly { address: string }[],
  letter: Letter,
  domain: string,
): Promise<boolean> {
  let isTaken = false
  for (const { address } of recipients) {
    const local = localPart(address, domain)
    if (local !== null && (await desk.take(local, letter))) isTaken = true
  }
  return isTaken
}

function answerTo(error: unknown, log: Logger): Error {
  if (error instanceof Answer) return error
  if (error instanceof Refusal && error.code === 'no-room') return new Answer(452, 'No room, try again later')
  // The sender went away in the middle of its mail.
  if (error instanceof Error && 'code' in error && error.code === 'ECONNECTION') return later()
  // The database tells in its errors which row it did not take, and that holds what somebody wrote.
  if (!isDatabaseAway(error)) log.error({ err: plain(error) }, 'a mail could not be taken')
  return later()
}

function plain(error: unknown): { type: string; code: unknown; message: string; stack: string | undefined } {
  const { name, message, stack } = error instanceof Error ? error : new Error(String(error))
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined
  return { type: name, code, message, stack }
}
