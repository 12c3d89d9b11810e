import { hash as digest } from 'node:crypto'

/** An entry of the history as the chain sees it: every value in the database's own text (AUD-2). */
export interface ChainedEntry {
  position: string
  id: string
  at: string
  serviceId: string | null
  actorKind: string
  actorId: string | null
  actorName: string
  action: string
  summary: string
  reason: string | null
  subject: string | null
  detail: string | null
  requestId: string
  /** Null once the personal fields were erased. */
  salt: Buffer | null
  personal: Buffer | null
  hash: Buffer | null
}

/** The last entry at some moment. Kept outside the database it shows whether the end was cut off (AUD-4). */
export interface AuditHead {
  position: number
  hash: string
}

const beforeTheFirst = Buffer.alloc(32)

export function personalDigest(entry: ChainedEntry, salt: Buffer): Buffer {
  const fields = [entry.actorId, entry.actorName, entry.summary, entry.reason, entry.subject, entry.detail]
  return sha256(Buffer.concat([salt, ...fields.map(field)]))
}

export function entryHash(entry: ChainedEntry, personal: Buffer, before: Buffer | null): Buffer {
  const { position, id, at, serviceId, actorKind, action, requestId } = entry
  const fields = [position, id, at, serviceId, actorKind, action, requestId]
  return sha256(Buffer.concat([before ?? beforeTheFirst, ...fields.map(field), personal]))
}

/** Of fixed length, so that no two lists of fields are the same bytes; nothing is not the same as an empty text. */
function field(value: string | null): Buffer {
  return sha256(Buffer.from(value === null ? '-' : `=${value}`))
}

function sha256(bytes: Buffer): Buffer {
  return digest('sha256', bytes, 'buffer')
}

/** How a head is written in a log, a mail or a file, and found there again. */
export function headLine({ position, hash }: AuditHead): string {
  return `audit head ${position} ${hash}`
}

/** Mails break long lines: by an equals sign at the end, or at a space. */
export function headsIn(text: string): AuditHead[] {
  const whole = text.replaceAll(/=\r?\n/g, '')
  return [...whole.matchAll(/\baudit\s+head\s+(\d{1,15})\s+([0-9a-f]{64})\b/g)].map(([, position, hash]) => ({
    position: Number(position),
    hash: hash ?? '',
  }))
}
