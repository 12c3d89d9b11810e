import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  statSync,
  truncateSync,
  unlinkSync,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'

/** An append-only file of JSON lines, flushed at every write. */
export interface Spool {
  isEmpty(): boolean
  /** Returns how many did not fit. */
  append(items: string[]): number
  /** Takes over what another process left in its file; returns how many did not fit. */
  adopt(path: string): number
  read(count: number): { items: string[]; bytes: number }
  forget(bytes: number): void
}

const readBytes = 1024 * 1024

/** What was read is remembered in memory only: after a restart all of it is sent again, under the same ids. */
export function openSpool(path: string, most: number): Spool {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  let size = existsSync(path) ? statSync(path).size : 0
  let at = 0
  if (size > 0) write('\n')

  function write(text: string): void {
    const file = openSync(path, 'a', 0o600)
    try {
      size += writeSync(file, text)
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
  }

  function append(items: string[]): number {
    let room = most - size
    let count = 0
    for (const item of items) {
      room -= Buffer.byteLength(item) + 1
      if (room < 0) break
      count++
    }
    if (count > 0) write(`${items.slice(0, count).join('\n')}\n`)
    return items.length - count
  }

  return {
    isEmpty: () => at >= size,
    append,
    adopt(other) {
      const left = append(readFileSync(other, 'utf8').split('\n').filter(isJson))
      // Ended in between, the same items are sent once more, under the same ids.
      unlinkSync(other)
      return left
    },
    read(count) {
      const piece = Buffer.alloc(Math.min(readBytes, size - at))
      const file = openSync(path, 'r')
      try {
        readSync(file, piece, 0, piece.length, at)
      } finally {
        closeSync(file)
      }
      const lines: string[] = []
      let from = 0
      for (let to = piece.indexOf(10); to >= 0 && lines.length < count; to = piece.indexOf(10, from)) {
        lines.push(piece.toString('utf8', from, to))
        from = to + 1
      }
      // A piece without the end of a line is not ours; nothing that the gateway writes is so long.
      return { items: lines.filter(isJson), bytes: from === 0 ? piece.length : from }
    },
    forget(bytes) {
      at += bytes
      if (at < size) return
      truncateSync(path, 0)
      at = 0
      size = 0
    },
  }
}

function isJson(line: string): boolean {
  try {
    JSON.parse(line)
    return true
  } catch {
    return false
  }
}
