import { closeSync, openSync, readFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'

const digits = 20

/** The newest version of the snapshot, written in place: a gateway refuses an older one, also after a restart. */
export function openVersionFile(directory: string): { last: number; put(version: number): void; close(): void } {
  const path = join(directory, 'snapshot.version')
  const fd = openSync(path, 'a+')
  const text = readFileSync(path, 'utf8').trim()
  closeSync(fd)
  const handle = openSync(path, 'r+')
  return {
    last: /^\d{1,20}$/.test(text) ? Number(text) : 0,
    put: (version) => void writeSync(handle, String(version).padStart(digits, '0'), 0),
    close: () => closeSync(handle),
  }
}
