import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { SMTPServer } from 'smtp-server'

export interface MailServer {
  url: string
  /** In the order in which they came. */
  received: { to: string[]; mail: string }[]
  /** Nobody has this mailbox. */
  gone: Set<string>
  /** The next mail is refused for now. */
  refuseNext(): void
  close(): Promise<void>
}

/** A mail server on this machine that keeps what it takes. */
export async function startMailServer(): Promise<MailServer> {
  const received: MailServer['received'] = []
  const gone = new Set<string>()
  let refusesNext = false
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onRcptTo({ address }, _session, done) {
      done(gone.has(address) ? Object.assign(new Error('No such user'), { responseCode: 550 }) : null)
    },
    onData(stream, { envelope }, done) {
      void text(stream).then((mail) => {
        const refuses = refusesNext
        refusesNext = false
        if (refuses) return done(new Error('Try again later'))
        received.push({ to: envelope.rcptTo.map(({ address }) => address), mail })
        done()
      })
    },
  })
  server.listen(0, '127.0.0.1')
  await once(server.server, 'listening')
  const { port } = server.server.address() as AddressInfo
  return {
    url: `smtp://127.0.0.1:${port}`,
    received,
    gone,
    refuseNext: () => void (refusesNext = true),
    close: () => new Promise((resolve) => server.close(() => resolve())),
  }
}
