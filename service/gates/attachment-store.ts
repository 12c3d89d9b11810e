import { sql } from 'kysely'
import type { Queryable, Tx } from '../platform/index.ts'
import type { Attachment, Examined } from '../platform/attachments/index.ts'

const partBytes = 256 * 1024

export async function insertAttachment(tx: Tx, evidenceId: string, file: Examined): Promise<void> {
  await sql`insert into gate_attachment (evidence_id, name, type, size, sha256)
    values (${evidenceId}, ${file.name}, ${file.type}, ${file.size}, ${file.sha256})`.execute(tx)
  for (let at = 0; at < file.bytes.length; at += partBytes) {
    await sql`insert into gate_attachment_part (evidence_id, position, bytes)
      values (${evidenceId}, ${at / partBytes}, ${file.bytes.subarray(at, at + partBytes)})`.execute(tx)
  }
}

/** Also of evidence that was set aside: an earlier verdict rested on it. */
export async function findAttachment(db: Queryable, serviceId: string, evidenceId: string): Promise<Attachment | null> {
  const { rows } = await sql<Attachment>`
    select a.name, a.type, a.size, a.sha256 from gate_attachment a join gate_evidence e on e.id = a.evidence_id
    where e.service_id = ${serviceId} and e.id = ${evidenceId}`.execute(db)
  return rows[0] ?? null
}

/** Part by part, as fast as the reader takes them. */
export async function* attachmentParts(db: Queryable, evidenceId: string): AsyncGenerator<Buffer> {
  for (let position = 0; ; position++) {
    const { rows } = await sql<{ bytes: Buffer }>`
      select bytes from gate_attachment_part where evidence_id = ${evidenceId} and position = ${position}`.execute(db)
    const part = rows[0]
    if (part === undefined) return
    yield part.bytes
  }
}
