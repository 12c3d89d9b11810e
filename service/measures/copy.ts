import { from as copyFrom } from 'pg-copy-streams'
import type { PoolClient } from 'pg'

/** COPY, PostgreSQL's fast way in: rows as lines of text, a tab between columns. */
export function copyIn(client: PoolClient, table: string, columns: string, lines: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const stream = client.query(copyFrom(`copy ${table} (${columns}) from stdin`))
    stream.on('error', reject)
    stream.on('finish', resolve)
    stream.end(lines)
  })
}

/** \N for nothing. Control characters were refused at the door, so a backslash is all that needs care. */
export function cell(text: string | number | null): string {
  if (text === null) return '\\N'
  return typeof text === 'string' && text.includes('\\') ? text.replaceAll('\\', '\\\\') : String(text)
}
