import { deskKey, featureKey, startDesk } from '../example/feature/site.ts'
import { writeFeatureStory } from '../example/feature/story.ts'
import { startExample } from '../example/serve.ts'
import { writeHistory } from '../example/history.ts'
import { newSecret, wasEverDone, type KeyKind, type KeyRing, type Platform } from './platform/index.ts'
import { allServices, changeService, findService, removeExample, type GatewayFile } from './services/index.ts'

export const exampleKey = 'resident-parking-permit'

export interface RunningExample {
  /** What it is, for whoever starts. */
  says: string
  /** The team page to begin with; null for the list of services. */
  page: string | null
  close(): Promise<void>
}

export interface ExampleParts {
  platform: Platform
  keyRing: KeyRing
  gateway: GatewayFile
  url: string
  say: (line: string) => void
}

function keyFor({ keyRing }: ExampleParts, key: { name: string; kind: KeyKind }): string {
  const secret = `pgk_${newSecret()}`
  keyRing.hold(secret, key)
  return secret
}

const forData = { name: 'Example data', kind: 'admin' } as const

async function pointTo(
  { platform, gateway }: ExampleParts,
  key: string,
  urls: { newUrl: string; currentUrl?: string },
) {
  const service = await findService(platform.db, key)
  if (service === null) throw new Error('The example was not written')
  const ctx = { ...platform, actor: { kind: 'system' as const, name: 'Phasegate' }, requestId: 'start' }
  await changeService(ctx, service, urls, gateway)
}

/** Starts a small product and, the first time, writes forty days of one of its features through the API. */
export async function startFeatureExample(parts: ExampleParts): Promise<RunningExample | null> {
  const { platform, url } = parts
  if (await wasEverDone(platform.db, 'service.example-removed')) return null
  const key = keyFor(parts, { name: 'Example application', kind: 'server' })
  const desk = await startDesk({ url, key, port: 0, host: '127.0.0.1' })
  if ((await findService(platform.db, deskKey)) === null) {
    parts.say('Writing 40 days of example history …')
    await writeFeatureStory({ url, adminKey: keyFor(parts, forData), now: platform.clock.now(), appUrl: desk.url })
  }
  await pointTo(parts, deskKey, { newUrl: desk.url })
  return {
    says: '“Desk” behind the gateway',
    page: `/services/${deskKey}/features/${featureKey}/gate`,
    close: desk.close,
  }
}

/** Starts the example's two services and, the first time, writes its 47 days of history through the API. */
export async function startExampleData(parts: ExampleParts): Promise<RunningExample | null> {
  const { platform } = parts
  // Removed with its button, it does not come back with the next start.
  if (await wasEverDone(platform.db, 'service.example-removed')) return null
  const host = '127.0.0.1'
  const [current, next] = await Promise.all([
    startExample({ version: 'current', port: 0, host }),
    startExample({ version: 'new', port: 0, host }),
  ])
  if ((await findService(platform.db, exampleKey)) === null) {
    parts.say('Writing 47 days of example history …')
    await writeHistory({
      url: parts.url,
      adminKey: keyFor(parts, forData),
      now: platform.clock.now(),
      currentUrl: current.url,
      newUrl: next.url,
    })
  }
  await pointTo(parts, exampleKey, { currentUrl: current.url, newUrl: next.url })
  return {
    says: '“Apply for a resident parking permit” behind the gateway',
    page: null,
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
