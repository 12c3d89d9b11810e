import { createHmac } from 'node:crypto'

/** HOOK-2: HMAC-SHA256 over id, time and body; one signature for each secret that is good now. */
export function signatureHeaders(
  message: { id: string; body: string },
  secrets: readonly string[],
  now: Date,
): Record<string, string> {
  const id = `msg_${message.id}`
  const seconds = Math.floor(now.getTime() / 1000)
  const signed = `${id}.${seconds}.${message.body}`
  const signatures = secrets.map((secret) => {
    const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64')
    return `v1,${createHmac('sha256', key).update(signed).digest('base64')}`
  })
  return { 'webhook-id': id, 'webhook-timestamp': String(seconds), 'webhook-signature': signatures.join(' ') }
}

const firstWaitMs = 30_000
const longestWaitMs = 12 * 3_600_000
/** Twelve tries: with these pauses the last one is made about three days after the first. */
export const mostTries = 12

/** HOOK-4: how long after the failed try of this number; `chance` from 0 to 1 spreads those that failed together. */
export function pauseMs(tries: number, chance: number, retryAfterMs = 0): number {
  const wait = Math.min(longestWaitMs, firstWaitMs * 4 ** (tries - 1))
  return Math.max(Math.round(wait * (0.8 + 0.4 * chance)), Math.min(retryAfterMs, 24 * 3_600_000))
}

/** Seconds or a date, as HTTP has it; 0 for anything else. */
export function retryAfterMs(written: string | undefined, now: Date): number {
  if (written === undefined) return 0
  if (/^\d{1,7}$/.test(written)) return Number(written) * 1000
  const at = Date.parse(written)
  return Number.isNaN(at) ? 0 : Math.max(0, at - now.getTime())
}

/** HOOK-5: the beginning of an answer, as text: nothing that moves a cursor or hides. */
export function shownAnswer(bytes: Buffer): string {
  return bytes
    .toString('utf8')
    .replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\uFFFD]+/gu, ' ')
    .trim()
    .slice(0, 300)
}
