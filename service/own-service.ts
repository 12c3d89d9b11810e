import type { Config, Platform } from './platform/index.ts'
import { firstOwner, StartProblem } from './platform/index.ts'
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
  await mustAnswer('--current', own.currentUrl)
  await mustAnswer('--new', own.newUrl)
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
async function mustAnswer(flag: string, url: string | null): Promise<void> {
  if (url === null) return
  try {
    await fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(5_000) })
  } catch (error) {
    const { cause } = error as { cause?: { code?: string } }
    throw new StartProblem(
      `${flag} ${url} does not answer (${cause?.code ?? (error as Error).message}). Start it, or check the address.`,
    )
  }
}
