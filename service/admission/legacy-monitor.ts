import { OutgoingProblem, type Platform } from '../platform/index.ts'
import { allServices } from '../services/index.ts'
import { putLegacyCheck } from './legacy-store.ts'

const limitMs = 5_000

/** ADM-23: whoever relies on the current service must know that it is well. One look at each, as a visitor would. */
export async function checkLegacies(platform: Platform): Promise<void> {
  const services = (await allServices(platform.db)).filter(({ currentUrl }) => currentUrl !== null)
  await Promise.all(
    services.map(async ({ id, currentUrl }) => {
      const problem = await problemOf(platform, currentUrl ?? '')
      await putLegacyCheck(platform.db, id, platform.clock.now(), problem)
    }),
  )
}

async function problemOf({ outgoing }: Platform, url: string): Promise<string | null> {
  try {
    const { status } = await outgoing.request(url, {
      // It stands in gateway.yaml.
      trusted: [url],
      headers: { 'user-agent': 'Phasegate check' },
      patienceMs: { whole: limitMs },
      mostBytes: 65_536,
      beyond: 'cut',
    })
    return status >= 500 ? `It answered ${status}` : null
  } catch (error) {
    if (!(error instanceof OutgoingProblem)) throw error
    return error.code === 'OUTGOING_TIMEOUT'
      ? 'It did not answer within 5 seconds'
      : `It could not be reached: ${error.message}`
  }
}
