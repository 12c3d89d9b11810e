import { closeSync, fdatasyncSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { Halt } from './admission.ts'

/**
 * Halts in force, in memory and in a journal in the data folder, so that halting needs neither the database nor a free
 * disk (ADM-22).
 */
export interface Halts {
  of(serviceId: string): Halt | null
  /** On disk when this returns. A service that is halted already keeps its halt. */
  begin(serviceId: string, halt: Halt): Halt
  /** Lifts that very halt and no other. */
  end(serviceId: string, id: string): void
  /** Takes the halt that the database knows in place of one that it does not. */
  replace(serviceId: string, id: string, by: Halt): void
  /** Halts that the database has not yet. */
  unrecorded(): { serviceId: string; halt: Halt }[]
  recorded(id: string): void
  /** What the database says, as another process told it. A halt ends only when it says of that very one that it ended. */
  follow(told: { inForce: readonly (Halt & { serviceId: string })[]; ended: ReadonlySet<string> }): void
  /** The ids of the halts in force. */
  ids(): string[]
  close(): void
}

interface Entry {
  serviceId: string
  halt: Halt
  recorded: boolean
}

const journalBytes = 65_536
const empty = 0x0a

export function openHalts(directory: string): Halts {
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const journal = openJournal(join(directory, 'halts.journal'))
  const inForce = new Map<string, Entry>(journal.entries().map((entry) => [entry.serviceId, entry]))

  const endedHere = new Set<string>()

  const note = (line: object): void => {
    if (!journal.append(line))
      journal.rewrite([...inForce.values()].map(({ serviceId, halt }) => ({ begin: halt, serviceId })))
  }
  const end = (serviceId: string, id: string): void => {
    endedHere.add(id)
    if (inForce.get(serviceId)?.halt.id !== id) return
    inForce.delete(serviceId)
    note({ end: id, serviceId })
  }
  return {
    of: (serviceId) => inForce.get(serviceId)?.halt ?? null,
    begin(serviceId, halt) {
      const known = inForce.get(serviceId)
      if (known !== undefined) return known.halt
      inForce.set(serviceId, { serviceId, halt, recorded: false })
      note({ begin: halt, serviceId })
      return halt
    },
    end,
    replace(serviceId, id, by) {
      if (inForce.get(serviceId)?.halt.id !== id) return
      inForce.set(serviceId, { serviceId, halt: by, recorded: true })
      note({ begin: by, serviceId })
    },
    unrecorded: () => [...inForce.values()].filter(({ recorded }) => !recorded),
    recorded(id) {
      for (const entry of inForce.values()) if (entry.halt.id === id) entry.recorded = true
    },
    follow({ inForce: told, ended: endedThere }) {
      for (const entry of [...inForce.values()]) if (endedThere.has(entry.halt.id)) end(entry.serviceId, entry.halt.id)
      for (const { serviceId, ...halt } of told) {
        const known = inForce.get(serviceId)
        if (known?.halt.id === halt.id) known.recorded = true
        // What was read before this process ended it is old news.
        if (known !== undefined || endedHere.has(halt.id) || endedThere.has(halt.id)) continue
        inForce.set(serviceId, { serviceId, halt, recorded: true })
        note({ begin: halt, serviceId })
      }
    },
    ids: () => [...inForce.values()].map(({ halt }) => halt.id),
    close: () => journal.close(),
  }
}

/** A file of a fixed size, written in place: a full disk has nothing to refuse. */
function openJournal(path: string) {
  const fd = openOrCreate(path)
  const content = readFileSync(path)
  let at = content.findLastIndex((byte) => byte !== empty) + 1
  if (at > 0) at += 1

  const write = (bytes: Buffer, position: number): void => {
    writeSync(fd, bytes, 0, bytes.length, position)
    fdatasyncSync(fd)
  }
  return {
    entries(): Entry[] {
      const found = new Map<string, Entry>()
      for (const line of content.toString('utf8').split('\n')) {
        const read = parseLine(line)
        if (read === null) continue
        if ('begin' in read) found.set(read.serviceId, { serviceId: read.serviceId, halt: read.begin, recorded: false })
        else if (found.get(read.serviceId)?.halt.id === read.end) found.delete(read.serviceId)
      }
      return [...found.values()]
    },
    append(line: object): boolean {
      const bytes = Buffer.from(`${JSON.stringify(line)}\n`)
      if (at + bytes.length > journalBytes) return false
      write(bytes, at)
      at += bytes.length
      return true
    },
    rewrite(lines: readonly object[]): void {
      const whole = Buffer.alloc(journalBytes, empty)
      at = whole.write(lines.map((line) => `${JSON.stringify(line)}\n`).join(''), 0)
      write(whole, 0)
    },
    close: () => closeSync(fd),
  }
}

function openOrCreate(path: string): number {
  try {
    return openSync(path, 'r+')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    const fd = openSync(path, 'w+', 0o600)
    writeSync(fd, Buffer.alloc(journalBytes, empty))
    fdatasyncSync(fd)
    return fd
  }
}

type Line = { serviceId: string; begin: Halt } | { serviceId: string; end: string }

/** A line cut short by a crash says nothing. */
function parseLine(line: string): Line | null {
  if (line === '') return null
  try {
    const read = JSON.parse(line) as { serviceId: string; begin?: Halt & { at: string | Date }; end?: string }
    if (read.begin !== undefined)
      return { serviceId: read.serviceId, begin: { ...read.begin, at: new Date(read.begin.at) } }
    return read.end === undefined ? null : { serviceId: read.serviceId, end: read.end }
  } catch {
    return null
  }
}
