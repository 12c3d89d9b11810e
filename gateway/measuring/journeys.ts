import type { FeedService, Journey } from '../feed.ts'
import { compilePattern, type PathPattern } from '../patterns.ts'

/** A page of a journey that a request reached. */
export interface Hit {
  journey: Journey
  /** Unique within a service: which page this is, whatever the address. */
  page: string
  place:
    | { kind: 'start' }
    | { kind: 'step'; id: string }
    | { kind: 'ending'; id: string; outcome: 'completed' | 'refused' | 'failed' }
}

interface Compiled {
  exact: Map<string, Hit[]>
  wild: { pattern: PathPattern; hit: Hit }[]
  isEmpty: boolean
}

const compiled = new WeakMap<FeedService, Compiled>()
const none: readonly Hit[] = []

/** GW-22: which pages of which journeys a method and path are. */
export function hitsOf(service: FeedService, method: string, path: string): readonly Hit[] {
  const known = compiled.get(service) ?? remember(service)
  if (known.isEmpty) return none
  const name = `${method} ${path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path}`
  const exact = known.exact.get(name) ?? none
  if (known.wild.length === 0) return exact
  // An exact pattern says more than one with a star, of the same journey.
  const wild: Hit[] = []
  for (const { pattern, hit } of known.wild) {
    if (pattern.method !== method || !pattern.test(path)) continue
    if (![...exact, ...wild].some((other) => other.journey === hit.journey)) wild.push(hit)
  }
  return wild.length === 0 ? exact : [...exact, ...wild]
}

function remember(service: FeedService): Compiled {
  const known: Compiled = { exact: new Map(), wild: [], isEmpty: true }
  compiled.set(service, known)
  for (const journey of service.journeys) {
    add(known, journey, { kind: 'start' }, journey.start.patterns)
    for (const { id, patterns } of journey.steps) add(known, journey, { kind: 'step', id }, patterns)
    for (const { id, outcome, patterns } of journey.endings)
      add(known, journey, { kind: 'ending', id, outcome }, patterns)
  }
  return known
}

function add(known: Compiled, journey: Journey, place: Hit['place'], patterns: string[]): void {
  for (const [index, pattern] of patterns.entries()) {
    const id = place.kind === 'start' ? 'start' : `${place.kind}:${place.id}`
    const hit: Hit = { journey, page: `${journey.id} ${id} ${index}`, place }
    known.isEmpty = false
    if (pattern.includes('*')) {
      known.wild.push({ pattern: compilePattern(pattern), hit })
      continue
    }
    const [, method = 'GET', path = '/'] = /^(?:([A-Z]+)\s+)?(.*)$/.exec(pattern.trim()) ?? []
    const name = `${method} ${path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path}`
    known.exact.set(name, [...(known.exact.get(name) ?? []), hit])
  }
}
