import { startExample } from '../example/serve.ts'
import { writeHistory } from '../example/history.ts'
import { newSecret, wasEverDone, type KeyRing, type Platform } from './platform/index.ts'
import { allServices, changeService, findService, removeExample, type GatewayFile } from './services/index.ts'

export const exampleKey = 'resident-parking-permit'

export interface RunningExample {
  close(): Promise<void>
}

/** Starts the example's two services and, the first time, writes its 47 days of history through the API. */
export async function startExampleData(parts: {
  platform: Platform
  keyRing: KeyRing
  gateway: GatewayFile
  url: string
  say: (line: string) => void
}): Promise<RunningExample | null> {
  const { platform, gateway } = parts
  // Removed with its button, it does not come back with the next start.
  if (await wasEverDone(platform.db, 'service.example-removed')) return null
  const host = '127.0.0.1'
  const [current, next] = await Promise.all([
    startExample({ version: 'current', port: 0, host }),
    startExample({ version: 'new', port: 0, host }),
  ])
  if ((await findService(platform.db, exampleKey)) === null) {
    const secret = `pgk_${newSecret()}`
    parts.keyRing.hold(secret, { name: 'Example data', kind: 'admin' })
    parts.say('Writing 47 days of example history …')
    await writeHistory({
      url: parts.url,
      adminKey: secret,
      now: platform.clock.now(),
      currentUrl: current.url,
      newUrl: next.url,
    })
  }
  const service = await findService(platform.db, exampleKey)
  if (service === null) throw new Error('The example was not written')
  const ctx = { ...platform, actor: { kind: 'system' as const, name: 'Phasegate' }, requestId: 'start' }
  await changeService(ctx, service, { currentUrl: current.url, newUrl: next.url }, gateway)
  return {
    async close() {
      await Promise.all([current.close(), next.close()])
    },
  }
}

/** Where the public reaches this installation, no example stands beside the real services. */
export async function removeExampleData(platform: Platform, gateway: GatewayFile | null): Promise<void> {
  const ctx = { ...platform, actor: { kind: 'system' as const, name: 'Phasegate' }, requestId: 'start' }
  for (const service of await allServices(platform.db)) {
    if (!service.example) continue
    await removeExample(ctx, service, gateway)
    platform.log.info({ service: service.key }, 'PUBLIC_URL is set: the example was removed')
  }
}
