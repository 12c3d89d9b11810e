import { randomUUID } from 'node:crypto'
import { readFileSync, rmSync } from 'node:fs'
import { z } from 'zod'
import { writeDurably } from '../durable.ts'
import type { Hit } from './journeys.ts'
import type { Log } from '../log.ts'

/** One application that somebody is making: from a start page to an ending. */
export interface Transaction {
  id: string
  startedMs: number
  /** Of the page of the journey seen last. */
  pageMs: number
  hasStart: boolean
  /** The ending reached last; only `failed` leaves the application open. */
  ending: string | null
  isOver: boolean
  openDays: number | null
}

/** What a hit means for its transaction: nothing, or an event with the times since the start and the last page. */
export type Passage = { transaction: Transaction; sinceStartMs: number; sincePreviousMs: number } | null

export interface Transactions {
  /** Somebody asked for something: their application stays open. */
  touch(person: string, nowMs: number): void
  pass(person: string, hit: Hit, nowMs: number): Passage
  /** The open or just ended application, newest first, for feedback to name. */
  latest(person: string, nowMs: number): string | null
  save(): void
  /** Writes what is open for the process that takes over, and keeps no file from here on. */
  handOn(): void
  /** Takes what the process before handed on. */
  takeOver(): void
  sweep(nowMs: number): void
}

interface Person {
  seenMs: number
  open: Map<string, Transaction>
}

const idleMs = 30 * 60_000
const dayMs = 86_400_000
const mostPeople = 200_000

const stored = z.array(
  z.tuple([
    z.string(),
    z.number(),
    z.array(
      z.tuple([
        z.string(),
        z.object({
          id: z.string(),
          startedMs: z.number(),
          pageMs: z.number(),
          hasStart: z.boolean(),
          ending: z.string().nullable(),
          isOver: z.boolean(),
          openDays: z.number().nullable(),
        }),
      ]),
    ),
  ]),
)

/** GW-22: per person (unit, else visitor) and journey, at most one application at a time. */
export function openTransactions(path: string, log: Log): Transactions {
  const handedPath = `${path}.handed`
  const people = new Map<string, Person>()
  let isChanged = false
  let isHandedOn = false
  let droppedCount = 0
  for (const [name, seenMs, open] of readStored(path)) people.set(name, { seenMs, open: new Map(open) })

  function write(to: string): void {
    const all = [...people].map(([name, { seenMs, open }]) => [name, seenMs, [...open]])
    writeDurably(to, JSON.stringify(all))
  }

  function personOf(name: string, nowMs: number): Person {
    const known = people.get(name)
    if (known !== undefined) return known
    if (people.size >= mostPeople) {
      const [oldest] = people.keys()
      if (oldest !== undefined) people.delete(oldest)
      if (droppedCount++ % 1000 === 0) {
        log.warn({ dropped: droppedCount }, 'More open applications than are remembered: the oldest were let go')
      }
    }
    const person = { seenMs: nowMs, open: new Map<string, Transaction>() }
    people.set(name, person)
    return person
  }

  function isClosed({ pageMs, openDays }: Transaction, seenMs: number, nowMs: number): boolean {
    return openDays === null ? nowMs - Math.max(seenMs, pageMs) > idleMs : nowMs - pageMs > openDays * dayMs
  }

  function begin(person: Person, hit: Hit, nowMs: number, hasStart: boolean): Transaction {
    const { id, savable, openDays } = hit.journey
    const transaction: Transaction = {
      id: randomUUID(),
      startedMs: nowMs,
      pageMs: nowMs,
      hasStart,
      ending: null,
      isOver: false,
      openDays: savable ? openDays : null,
    }
    person.open.set(id, transaction)
    return transaction
  }

  function passed(transaction: Transaction, nowMs: number): Passage {
    const { startedMs, pageMs } = transaction
    transaction.pageMs = nowMs
    return { transaction, sinceStartMs: nowMs - startedMs, sincePreviousMs: nowMs - pageMs }
  }

  return {
    touch(name, nowMs) {
      const person = people.get(name)
      if (person !== undefined && nowMs - person.seenMs <= idleMs) person.seenMs = nowMs
    },
    pass(name, hit, nowMs) {
      isChanged = true
      const person = personOf(name, nowMs)
      const known = person.open.get(hit.journey.id)
      const open = known === undefined || isClosed(known, person.seenMs, nowMs) ? undefined : known
      person.seenMs = nowMs
      const { place } = hit
      if (place.kind === 'start') {
        if (open !== undefined && !open.isOver && open.hasStart) return null
        return passed(begin(person, hit, nowMs, true), nowMs)
      }
      if (place.kind === 'step') {
        if (open?.isOver === true) return null
        if (open !== undefined) open.ending = null
        return passed(open ?? begin(person, hit, nowMs, false), nowMs)
      }
      // A page loaded again is the same ending; one that failed can still end well.
      if (open !== undefined && (open.isOver || open.ending === place.id)) return null
      const transaction = open ?? begin(person, hit, nowMs, false)
      transaction.ending = place.id
      transaction.isOver = place.outcome !== 'failed'
      return passed(transaction, nowMs)
    },
    latest(name, nowMs) {
      const person = people.get(name)
      if (person === undefined) return null
      const [newest] = [...person.open.values()]
        .filter((each) => !isClosed(each, person.seenMs, nowMs))
        .toSorted((one, other) => other.pageMs - one.pageMs)
      return newest?.id ?? null
    },
    save() {
      if (!isChanged) return
      isChanged = false
      write(isHandedOn ? handedPath : path)
    },
    handOn() {
      isHandedOn = true
      isChanged = false
      write(handedPath)
    },
    takeOver() {
      for (const [name, seenMs, open] of readStored(handedPath)) {
        const person = people.get(name) ?? { seenMs, open: new Map<string, Transaction>() }
        people.set(name, person)
        person.seenMs = Math.max(person.seenMs, seenMs)
        for (const [journey, theirs] of open) {
          const mine = person.open.get(journey)
          if (mine === undefined || isEarlierPart(theirs, mine)) person.open.set(journey, theirs)
        }
        isChanged = true
      }
      rmSync(handedPath, { force: true })
    },
    sweep(nowMs) {
      for (const [name, person] of people) {
        for (const [journey, each] of person.open) {
          if (isClosed(each, person.seenMs, nowMs)) person.open.delete(journey)
        }
        if (person.open.size === 0) people.delete(name)
      }
    },
  }
}

/** Begun there, and gone on with here before anybody here knew of the beginning. */
function isEarlierPart(theirs: Transaction, mine: Transaction): boolean {
  return !mine.isOver && !mine.hasStart && theirs.startedMs <= mine.startedMs
}

function readStored(path: string): z.output<typeof stored> {
  try {
    return stored.parse(JSON.parse(readFileSync(path, 'utf8')))
  } catch {
    return []
  }
}
