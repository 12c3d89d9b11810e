import { stringify } from 'csv-stringify/sync'
import type { Queryable } from '../context.ts'
import { chainedEntries } from './reads.ts'

export const formats = ['jsonl', 'csv'] as const
export type AuditFormat = (typeof formats)[number]

const fields = [
  ...[
    'position',
    'id',
    'at',
    'serviceId',
    'actorKind',
    'actorId',
    'actorName',
    'action',
    'summary',
    'reason',
    'subject',
  ],
  ...['detail', 'requestId', 'salt', 'personal', 'hash'],
]

export function isAuditFormat(name: string): name is AuditFormat {
  return formats.some((format) => format === name)
}

/** AUD-7: everything that the chain is made of, so that anybody can check it again without the database. */
export async function* exportAudit(db: Queryable, format: AuditFormat): AsyncGenerator<string> {
  if (format === 'csv') yield stringify([fields])
  for await (const entry of chainedEntries(db)) {
    const { salt, personal, hash, ...rest } = entry
    const row = { ...rest, salt: hex(salt), personal: hex(personal), hash: hex(hash) }
    yield format === 'csv' ? stringify([row], { columns: fields, escape_formulas: true }) : `${JSON.stringify(row)}\n`
  }
}

function hex(bytes: Buffer | null): string | null {
  return bytes === null ? null : bytes.toString('hex')
}
