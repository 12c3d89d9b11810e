import type { EvaluationContext } from '@openfeature/server-sdk'

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
