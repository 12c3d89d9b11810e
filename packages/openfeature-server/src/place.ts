import type { EvaluationContext } from '@openfeature/server-sdk'
import type { Places, Rung } from '../../admission/src/index.ts'

/** As long as the gateway waits; with no answer the person goes to the current service. */
const limitMs = 300

/**
 * May this person be let in under the cap? Asked as OFREP with the server key, which draws; of several addresses the first that
 * answers counts. False without an answer.
 */
export async function askForPlace(ask: {
  urls: readonly string[]
  key: string
  fetch: typeof fetch
  service: string
  context: EvaluationContext
}): Promise<boolean> {
  const signal = AbortSignal.timeout(limitMs)
  for (const url of ask.urls) {
    try {
      const answer = await ask.fetch(`${url}/ofrep/v1/evaluate/flags/${encodeURIComponent(ask.service)}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${ask.key}`, 'content-type': 'application/json' },
        body: JSON.stringify({ context: ask.context }),
        signal,
      })
      const { value } = (await answer.json()) as { value?: unknown }
      if (answer.status < 500) return answer.ok && value === true
    } catch {
      // The next one may be there; whoever asks twice has one place.
    }
  }
  return false
}

/** Longer than a snapshot with a new place in it is under way; where none comes, the place is asked for again. */
const heldMs = 60_000
const mostHeld = 10_000

/** Places that were given, until the snapshot tells of them: a service that says yes to somebody says so of its features, too. */
export function placesAtHand(nowMs = () => performance.now()) {
  const held = new Map<string, { places: Map<string, Rung>; untilMs: number }>()

  function dropOld(): void {
    for (const [unit, { untilMs }] of held) {
      if (untilMs > nowMs() && held.size <= mostHeld) return
      held.delete(unit)
    }
  }

  return {
    of(unit: string | undefined): Places | undefined {
      const found = unit === undefined ? undefined : held.get(unit)
      return found !== undefined && found.untilMs > nowMs() ? found.places : undefined
    },
    put(unit: string, service: string, rung: Rung): void {
      const places = new Map(held.get(unit)?.places).set(service, rung)
      // Put anew, so that the oldest come first.
      held.delete(unit)
      held.set(unit, { places, untilMs: nowMs() + heldMs })
      dropOld()
    },
  }
}
