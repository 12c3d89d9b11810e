import type { Config, Platform } from './platform/index.ts'
import { firstOwner, OutgoingProblem, StartProblem } from './platform/index.ts'
import {
  changeService,
  createService,
  findService,
  handOver,
  keyFor,
  newServiceSchema,
  type GatewayFile,
  type Service,
} from './services/index.ts'

/** `npm start -- --current URL --new URL`: the service is there after the start, added or with its new addresses. */
export async function putOwnService(
  platform: Platform,
  own: NonNullable<Config['own']>,
  gateway: GatewayFile,
): Promise<Service> {
  await mustAnswer(platform, '--current', own.currentUrl)
  await mustAnswer(platform, '--new', own.newUrl)
  const ctx = { ...platform, actor: { kind: 'system' as const, name: 'Phasegate' }, requestId: 'start' }
  const key = keyFor(own.name)
  const known = await findService(platform.db, key)
  const addresses = { currentUrl: own.currentUrl, newUrl: own.newUrl }
  if (known !== null) return changeService(ctx, known, addresses, gateway)
  const wanted = newServiceSchema.parse({ key, name: own.name, ...addresses })
  const added = await createService(ctx, wanted, gateway)
  const owner = await firstOwner(platform.db)
  if (owner !== null) await handOver(ctx, added, owner.email)
  return added
}

/** An address that does not answer is told at once, not at the first visitor. */
async function mustAnswer({ outgoing }: Platform, flag: string, url: string | null): Promise<void> {
  if (url === null) return
  try {
    await outgoing.request(url, { trusted: [url], patienceMs: { whole: 5_000 }, mostBytes: 1_000, beyond: 'cut' })
  } catch (error) {
    if (!(error instanceof OutgoingProblem)) throw error
    throw new StartProblem(`${flag} ${url} does not answer: ${error.message}. Start it, or check the address.`)
  }
}
