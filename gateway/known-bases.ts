import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { writeDurably } from './durable.ts'
import type { Log } from './log.ts'
import type { ApplicationBase } from './upstream.ts'

/** By which name each application calls itself (GW-9): kept, so that after a restart no form is refused until it shows again. */
export interface KnownBases {
  of(origin: string): ApplicationBase
  learn(origin: string, base: ApplicationBase): void
}

const shape = z.record(z.string(), z.enum(['unknown', 'own', 'outside']))

export function openKnownBases(path: string, log: Log): KnownBases {
  let known = read(path)
  return {
    of: (origin) => known[origin] ?? 'unknown',
    learn(origin, base) {
      known = { ...read(path), ...known, [origin]: base }
      try {
        writeDurably(path, JSON.stringify(known))
      } catch (error) {
        log.warn({ err: error }, 'By which name an application calls itself could not be kept on disk')
      }
    },
  }
}

function read(path: string): z.output<typeof shape> {
  try {
    return shape.parse(JSON.parse(readFileSync(path, 'utf8')))
  } catch {
    return {}
  }
}
