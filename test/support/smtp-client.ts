import { once } from 'node:events'
import { connect } from 'node:net'

/** SMTP by hand, for what a mail program never says. */
export interface SmtpTalk {
  /** Sends a line, or several, and resolves with the next whole answer. */
  say(lines: string): Promise<string>
  /** What comes unasked. */
  next(): Promise<string>
  /** Resolves when the other side has ended the connection. */
  ended: Promise<void>
  close(): void
}

export async function talkTo(port: number): Promise<SmtpTalk> {
  const socket = connect(port, '127.0.0.1').setEncoding('utf8')
  let text = ''
  let waiting: (() => void)[] = []
  const wake = (): void => {
    const those = waiting
    waiting = []
    for (const each of those) each()
  }
  let isOver = false
  socket.on('data', (chunk: string) => {
    text += chunk
    wake()
  })
  const ended = once(socket, 'close').then(() => {
    isOver = true
    wake()
  })
  socket.on('error', () => {})
  const answer = async (): Promise<string> => {
    for (;;) {
      const found = /^(?:\d{3}-[^\n]*\n)*\d{3} [^\n]*\n/.exec(text)?.[0]
      if (found !== undefined) {
        text = text.slice(found.length)
        return found.trimEnd()
      }
      if (isOver) return 'ended'
      await new Promise<void>((resolve) => waiting.push(resolve))
    }
  }
  await answer()
  return {
    next: answer,
    ended,
    say(lines) {
      socket.write(`${lines}\r\n`)
      return answer()
    },
    close: () => void socket.destroy(),
  }
}
