import type { EvaluationContext } from '@openfeature/server-sdk'

/** As long as the gateway waits; with no answer the person goes to the current service. */
const limitMs = 300

/** May this person be let in under the cap? Asked as OFREP with the server key, which draws. False without an answer. */
export async function askForPlace(ask: {
  urls: readonly string[]
  key: string
  fetch: typeof fetch
  service: string
  context: EvaluationContext
}): Promise<boolean> {
  try {
    const answer = await ask.fetch(`${ask.urls[0]}/ofrep/v1/evaluate/flags/${encodeURIComponent(ask.service)}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${ask.key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ context: ask.context }),
      signal: AbortSignal.timeout(limitMs),
    })
    const { value } = (await answer.json()) as { value?: unknown }
    return answer.ok && value === true
  } catch {
    return false
  }
}
