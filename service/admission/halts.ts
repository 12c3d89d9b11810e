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
  /** A reason may follow; the first one stands. On disk when this returns. */
  explain(serviceId: string, id: string, reason: LateReason): void
  /** Halts that the database has not yet. */
  unrecorded(): { serviceId: string; halt: Halt }[]
  recorded(id: string): void
  /** Reasons that followed, and that the database has not yet. */
  unexplained(): { serviceId: string; id: string; late: LateReason }[]
  explained(id: string): void
  /** What the database says, as another process told it. A halt ends only when it says of that very one that it ended. */
  follow(told: { inForce: readonly (Halt & { serviceId: string })[]; ended: ReadonlySet<string> }): void
  /** The ids of the halts in force. */
  ids(): string[]
  close(): void
}

/** A reason that was given after the halt, perhaps by somebody else. */
export interface LateReason {
  reason: string
  by: string
  at: Date
}

interface Entry {
  serviceId: string
  halt: Halt
  recorded: boolean
  late: LateReason | null
}

const journalBytes = 65_536
const empty = 0x0a

export function openHalts(directory: string): Halts {
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const journal = openJournal(join(directory, 'halts.journal'))
  const inForce = new Map<string, Entry>(journal.entries().map((entry) => [entry.serviceId, entry]))

  const endedHere = new Set<string>()

  const note = (line: object): void => {
    if (!journal.append(line)) journal.rewrite([...inForce.values()].flatMap(linesOf))
  }
  const end = (serviceId: string, id: string): void => {
    endedHere.add(id)
    if (inForce.get(serviceId)?.halt.id !== id) return
    inForce.delete(serviceId)
    note({ end: id, serviceId })
  }
  return {
    of(serviceId) {
      const entry = inForce.get(serviceId)
      if (entry === undefined) return null
      return { ...entry.halt, reason: entry.halt.reason === '' ? (entry.late?.reason ?? '') : entry.halt.reason }
    },
    begin(serviceId, halt) {
      const known = inForce.get(serviceId)
      if (known !== undefined) return known.halt
      inForce.set(serviceId, { serviceId, halt, recorded: false, late: null })
      note({ begin: halt, serviceId })
      return halt
    },
    end,
    replace(serviceId, id, by) {
      const known = inForce.get(serviceId)
      if (known?.halt.id !== id) return
      inForce.set(serviceId, { ...known, halt: by, recorded: true })
      note({ begin: by, serviceId })
    },
    explain(serviceId, id, late) {
      const entry = inForce.get(serviceId)
      if (entry?.halt.id !== id || entry.halt.reason !== '' || entry.late !== null) return
      entry.late = late
      note({ explain: id, serviceId, late })
    },
    unexplained: () =>
      [...inForce.values()].flatMap(({ serviceId, halt, recorded, late }) =>
        recorded && late !== null ? [{ serviceId, id: halt.id, late }] : [],
      ),
    explained(id) {
      for (const entry of inForce.values()) {
        if (entry.halt.id !== id || entry.late === null) continue
        entry.halt = { ...entry.halt, reason: entry.late.reason }
        entry.late = null
      }
    },
    unrecorded: () => [...inForce.values()].filter(({ recorded }) => !recorded),
    recorded(id) {
      for (const entry of inForce.values()) if (entry.halt.id === id) entry.recorded = true
    },
    follow({ inForce: told, ended: endedThere }) {
      for (const entry of [...inForce.values()]) if (endedThere.has(entry.halt.id)) end(entry.serviceId, entry.halt.id)
      for (const { serviceId, ...halt } of told) {
        const known = inForce.get(serviceId)
        if (known?.halt.id === halt.id) {
          known.recorded = true
          if (halt.reason !== '') known.halt = halt
        }
        // What was read before this process ended it is old news.
        if (known !== undefined || endedHere.has(halt.id) || endedThere.has(halt.id)) continue
        inForce.set(serviceId, { serviceId, halt, recorded: true, late: null })
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
        const { serviceId } = read
        const known = found.get(serviceId)
        if ('begin' in read) found.set(serviceId, { serviceId, halt: read.begin, recorded: false, late: null })
        else if ('explain' in read && known?.halt.id === read.explain) known.late = read.late
        else if ('end' in read && known?.halt.id === read.end) found.delete(serviceId)
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

type Line =
  | { serviceId: string; begin: Halt }
  | { serviceId: string; explain: string; late: LateReason }
  | { serviceId: string; end: string }

function linesOf({ serviceId, halt, late }: Entry): Line[] {
  return [{ begin: halt, serviceId }, ...(late === null ? [] : [{ explain: halt.id, serviceId, late }])]
}

/** As JSON has it. */
interface WrittenLine {
  serviceId: string
  begin?: Halt & { at: string | Date }
  explain?: string
  late?: LateReason & { at: string | Date }
  end?: string
}

/** A line cut short by a crash says nothing. */
function parseLine(line: string): Line | null {
  if (line === '') return null
  try {
    const { serviceId, begin, explain, late, end } = JSON.parse(line) as WrittenLine
    if (begin !== undefined) return { serviceId, begin: { ...begin, at: new Date(begin.at) } }
    if (explain !== undefined && late !== undefined)
      return { serviceId, explain, late: { ...late, at: new Date(late.at) } }
    return end === undefined ? null : { serviceId, end }
  } catch {
    return null
  }
}
