import { createHash, randomBytes } from 'node:crypto'
import { WebSocket } from 'ws'

export interface Echo {
  /** Sends bytes and gives back what returns. */
  send(text: string): Promise<string>
  closed: Promise<number>
  close(): void
}

/** Opens the socket that sends back what it hears. */
export async function openEcho(origin: string, cookie: string): Promise<Echo> {
  const socket = new WebSocket(`${origin.replace(/^http/, 'ws')}/ws/echo`, {
    headers: cookie ? { cookie, origin } : { origin },
  })
  await new Promise<void>((resolve, reject) => socket.once('open', () => resolve()).once('error', reject))
  return {
    send: (text) =>
      new Promise((resolve, reject) => {
        socket.once('message', (data: Buffer) => resolve(data.toString()))
        socket.once('close', () => reject(new Error('the socket closed')))
        socket.send(text)
      }),
    closed: new Promise((resolve) => socket.once('close', resolve)),
    close: () => socket.close(),
  }
}

export interface Upload {
  sent: { bytes: number; sha256: string }
  received: { bytes: number; sha256: string }
}

/** Sends random bytes as a file of a form and asks what arrived. */
export async function upload(origin: string, cookie: string, bytes: number): Promise<Upload> {
  const content = randomBytes(bytes)
  const form = new FormData()
  form.set('file', new Blob([content]), 'eight.bin')
  const response = await fetch(`${origin}/upload`, { method: 'POST', body: form, headers: cookie ? { cookie } : {} })
  if (!response.ok)
    throw new Error(`the upload was answered with ${response.status}: ${(await response.text()).slice(0, 300)}`)
  const received = (await response.json()) as Upload['received']
  return { sent: { bytes, sha256: createHash('sha256').update(content).digest('hex') }, received }
}
