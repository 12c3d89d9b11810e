import { request } from 'undici'
import type { Platform } from '../platform/index.ts'
import { allServices } from '../services/index.ts'
import { putLegacyCheck } from './legacy-store.ts'

const limitMs = 5_000

/** ADM-23: whoever relies on the current service must know that it is well. One look at each, as a visitor would. */
export async function checkLegacies(platform: Platform): Promise<void> {
  const services = (await allServices(platform.db)).filter(({ currentUrl }) => currentUrl !== null)
  await Promise.all(
    services.map(async ({ id, currentUrl }) => {
      const problem = await problemOf(currentUrl ?? '')
      await putLegacyCheck(platform.db, id, platform.clock.now(), problem)
    }),
  )
}

async function problemOf(url: string): Promise<string | null> {
  try {
    const { statusCode, body } = await request(url, {
      signal: AbortSignal.timeout(limitMs),
      headers: { 'user-agent': 'Phasegate check' },
    })
    await body.dump({ limit: 65_536 }).catch(() => {})
    return statusCode >= 500 ? `It answered ${statusCode}` : null
  } catch (error) {
    const { code, name } = error as { code?: string; name?: string }
    return name === 'TimeoutError'
      ? 'It did not answer within 5 seconds'
      : `It could not be reached (${code ?? name ?? 'unknown'})`
  }
}
