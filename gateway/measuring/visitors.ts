import { hash, randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { writeDurably } from '../durable.ts'
import { deviceOf } from '../../packages/admission/src/index.ts'
import type { Incoming } from '../incoming.ts'

export interface Visitors {
  /** GW-23: the same person for one day of the service, and nobody in particular. */
  of(service: string, timeZone: string, incoming: Incoming, now: Date): Visitor
  dayOf(timeZone: string, now: Date): string
}

export interface Visitor {
  id: string
  device: string
}

const remembered = 50_000
const saltsShape = z.record(z.string(), z.string())

/**
 * The salt of a day is random, kept in the state folder so that a restart does not count people twice, and thrown away
 * two days later: from then on nobody can find out whose address made which hash.
 */
export function openVisitors(directory: string): Visitors {
  const path = join(directory, 'visitor-salts.json')
  let salts = readSalts(path)
  let cache = new Map<string, Visitor>()
  const days = new Map<string, { day: string; minute: number }>()

  function saltOf(day: string): string {
    const known = salts[day]
    if (known !== undefined) return known
    // GW-34: the process that took over, or that is about to end, may have begun the day already.
    const others = readSalts(path)
    const salt = others[day] ?? randomBytes(16).toString('base64url')
    salts = Object.fromEntries(
      Object.entries({ ...salts, [day]: salt })
        .toSorted()
        .slice(-3),
    )
    cache = new Map()
    try {
      writeDurably(path, JSON.stringify(salts))
    } catch {
      // Counting again after a restart is the lesser evil of a full disk.
    }
    return salt
  }

  function dayOf(timeZone: string, now: Date): string {
    const minute = Math.floor(now.getTime() / 60_000)
    const known = days.get(timeZone)
    if (known?.minute === minute) return known.day
    const day = new Intl.DateTimeFormat('en-CA', { timeZone, dateStyle: 'short' }).format(now)
    days.set(timeZone, { day, minute })
    return day
  }

  return {
    dayOf,
    of(service, timeZone, incoming, now) {
      const agent = userAgent(incoming)
      const day = dayOf(timeZone, now)
      const name = `${service} ${day} ${incoming.address} ${agent}`
      const known = cache.get(name)
      if (known !== undefined) return known
      const id = hash('sha256', `${saltOf(day)} ${name}`, 'base64url').slice(0, 22)
      const visitor = { id, device: deviceOf(agent) }
      if (cache.size >= remembered) cache = new Map()
      cache.set(name, visitor)
      return visitor
    },
  }
}

function readSalts(path: string): Record<string, string> {
  try {
    return saltsShape.parse(JSON.parse(readFileSync(path, 'utf8')))
  } catch {
    return {}
  }
}

function userAgent({ clean: { kept } }: Incoming): string {
  for (let at = 0; at < kept.length; at += 2) {
    const name = kept[at] as string
    if (name.length === 10 && name.toLowerCase() === 'user-agent') return kept[at + 1] as string
  }
  return ''
}
