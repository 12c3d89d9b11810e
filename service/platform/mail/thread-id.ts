import { createHash } from 'node:crypto'

/** The Message-ID of what a mail tells, to one person: the same each time, so that a later mail can name it. */
export function threadId(domain: string, ...of: readonly string[]): string {
  const name = createHash('sha256').update(of.join(' ')).digest('hex').slice(0, 32)
  return `<room.${name}@${domain}>`
}

/** Is it one of ours? Such a mail came back to us. */
export function isThreadId(domain: string, id: string): boolean {
  const [name, host] = id.trim().replace(/^<|>$/g, '').split('@')
  return host?.toLowerCase() === domain && /^room\.[0-9a-f]{32}$/.test(name ?? '')
}
