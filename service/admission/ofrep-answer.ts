import { hash } from 'node:crypto'
import type { Decided, Decision } from '../../packages/admission/src/index.ts'

/** What is said of one flag in an answer with all of them: its bytes, and a digest of these. */
export interface Said {
  bytes: Buffer
  digest: Buffer
}

const digestBytes = 8

/** Each ladder gives out few decisions, each again and again: its bytes are made once. */
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
  const bytes = Buffer.from(`,${JSON.stringify(answer)}`)
  return { bytes, digest: hash('sha256', bytes, 'buffer').subarray(0, digestBytes) }
}

export function success(key: string, { value, variant, reason, rung, rolloutVersion }: Decided): object {
  return { key, value, variant, reason, metadata: { rung, rolloutVersion } }
}

export function failure(key: string, errorCode: string, errorDetails: string): object {
  return { key, errorCode, errorDetails }
}

const begin = Buffer.from('{"flags":[')
const ends = { version: NaN, bytes: Buffer.alloc(0) }

/** The stream's URL says which snapshot the answers are of: what changes before a client listens is told as it comes. */
function endOf(version: number): Buffer {
  if (ends.version === version) return ends.bytes
  const endpoint = { requestUri: `/ofrep/v1/events?since=${version}` }
  ends.bytes = Buffer.from(`],"eventStreams":${JSON.stringify([{ type: 'sse', endpoint, inactivityDelaySec: 120 }])}}`)
  ends.version = version
  return ends.bytes
}

/** `version`: of the snapshot that decided. */
export function bulkBody(answers: readonly Said[], version: number): Buffer {
  const end = endOf(version)
  let size = begin.length + end.length
  for (const { bytes } of answers) size += bytes.length
  const body = Buffer.allocUnsafe(size)
  let at = begin.copy(body)
  for (const { bytes } of answers) {
    // The first one has no comma before it.
    at += at === begin.length ? bytes.copy(body, at, 1) : bytes.copy(body, at)
  }
  return body.subarray(0, at + end.copy(body, at))
}

/** Over this person's answers, not over the configuration: a 304 must never show one person another's flags. */
export function etagOf(answers: readonly Said[]): string {
  const digests = Buffer.allocUnsafe(answers.length * digestBytes)
  for (const [at, { digest }] of answers.entries()) digest.copy(digests, at * digestBytes)
  return `"${hash('sha256', digests, 'base64url').slice(0, 27)}"`
}
