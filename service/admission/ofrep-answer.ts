import { hash } from 'node:crypto'
import type { Decided, Decision } from '../../packages/admission/src/index.ts'

/** What is said of one flag in an answer with all of them, and four numbers of a digest of it. */
export interface Said {
  text: string
  digest: readonly [number, number, number, number]
}

/** Each ladder gives out few decisions, each again and again: what is said of it is written once. */
const known = new WeakMap<Decided, Said>()

export function saidOf(key: string, decision: Decision): Said {
  if (decision.kind === 'failed') return said(failure(key, decision.errorCode, decision.detail))
  const before = known.get(decision)
  if (before !== undefined) return before
  const made = said(success(key, decision))
  known.set(decision, made)
  return made
}

function said(answer: object): Said {
  const text = JSON.stringify(answer)
  const digest = hash('sha256', text, 'buffer')
  const word = (at: number): number => digest.readInt32LE(at)
  return { text, digest: [word(0), word(4), word(8), word(12)] }
}

export function success(key: string, { value, variant, reason, rung, rolloutVersion }: Decided): object {
  return { key, value, variant, reason, metadata: { rung, rolloutVersion } }
}

export function failure(key: string, errorCode: string, errorDetails: string): object {
  return { key, errorCode, errorDetails }
}

const end = { stream: '', text: '' }

/** The stream's URL says what the answers rest on: what changes before a client listens is told as it comes. */
function endOf(stream: string): string {
  if (end.stream === stream) return end.text
  const endpoint = { requestUri: stream }
  end.text = `],"eventStreams":${JSON.stringify([{ type: 'sse', endpoint, inactivityDelaySec: 120 }])}}`
  end.stream = stream
  return end.text
}

/** `stream`: where changes to these answers are told. */
export function bulkBody(answers: readonly Said[], stream: string): string {
  let body = '{"flags":['
  let comma = ''
  for (const { text } of answers) {
    body += comma + text
    comma = ','
  }
  return body + endOf(stream)
}

const words = new Int32Array(4)
const wordBytes = Buffer.from(words.buffer)

/**
 * Over this person's answers, not over the configuration: a 304 must never show one person another's flags. Each answer's
 * digest counts with its place; 128 bits of them.
 */
export function etagOf(answers: readonly Said[]): string {
  let [a, b, c, d] = [0, 0, 0, 0]
  for (const { digest } of answers) {
    a = (Math.imul(a, 0x9e3779b1) + digest[0]) | 0
    b = (Math.imul(b, 0x85ebca77) + digest[1]) | 0
    c = (Math.imul(c, 0xc2b2ae3d) + digest[2]) | 0
    d = (Math.imul(d, 0x27d4eb2f) + digest[3]) | 0
  }
  words.set([a, b, c, d])
  return `"${wordBytes.toString('base64url')}"`
}
