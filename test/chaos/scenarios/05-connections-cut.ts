import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { addService, type Client, describeAnswers, lostAndDoubled, sendEvents } from '../events.ts'
import { decision, health, page, probe } from '../probing.ts'
import type { Scenario } from '../scenario.ts'
import { type Proxy, startProxy, startTcpPostgres } from '../tcp-postgres.ts'
import { until } from '../../support/until.ts'

const plants: Record<string, { preload?: string; client?: Client }> = {
  'nobody looks into silent connections': { preload: 'nobody-looks.ts' },
  'the client takes a refusal for an acknowledgement': { client: 'believes every answer' },
  'the client sends again under new ids': { client: 'sends again under new ids' },
}

/** Each with what it takes for the service to notice. */
const storms: ((proxy: Proxy) => Promise<void>)[] = [
  async (proxy) => proxy.cut(),
  async (proxy) => proxy.halfOpen(),
  async (proxy) => proxy.swallowOpen(),
  async (proxy) => proxy.loseCommits(4),
  (proxy) => through(proxy, 'swallows answers', 6_000),
  (proxy) => through(proxy, 'swallows', 6_000),
  (proxy) => through(proxy, 'refuses', 2_000),
]
const rounds = 21
const answerLimitMs = 5_000

export const scenario: Scenario = {
  promise: 5,
  title: 'Connections to the database that are cut, half-open or swallowed lose nothing and hold nobody up',
  reach: `${rounds} storms while clients send: none lost, none doubled, every answer within 5 s`,
  plants: Object.keys(plants),
  async run(stage, plant) {
    const { preload, client } = plant === null ? {} : (plants[plant] ?? {})
    const proxy = await startProxy(stage, await startTcpPostgres(stage))
    const databaseUrl = `postgres://phasegate@127.0.0.1:${proxy.port}/phasegate`
    const installation = await stage.start({
      env: { DATABASE_URL: databaseUrl },
      ...(preload === undefined ? {} : { preload: fileURLToPath(new URL(`../plants/${preload}`, import.meta.url)) }),
    })
    await addService(installation)
    const sending = sendEvents(installation, { senders: 4, batch: 100, ...(client === undefined ? {} : { client }) })
    const pages = Array.from({ length: 3 }, () => probe(installation, page))
    const decisions = probe(installation, decision)
    const alive = probe(installation, health)
    const takesIn = async (more: number): Promise<boolean> => {
      const least = sending.acknowledged() + more
      const wait = until('events are acknowledged', () => sending.acknowledged() >= least, 30_000)
      return wait.then(
        () => true,
        () => false,
      )
    }
    let round = 0
    while (round < rounds && (await takesIn(800))) {
      await storms[round % storms.length]?.(proxy)
      round += 1
    }
    const isOver = round === rounds && (await takesIn(2_000))
    await Promise.all([sending, ...pages, decisions, alive].map((each) => each.stop()))
    stage.say(`answers to events by status: ${describeAnswers(sending)}`)
    const longest = Math.max(...[...pages, decisions, alive].map(({ longestMs }) => longestMs))
    const within = (says: string, ms: number) => ({ says, value: ms / 1000, unit: 's', holds: ms <= answerLimitMs })
    const none = (says: string, value: number) => ({ says, value, unit: '', holds: value === 0 })
    return {
      rounds: round,
      figures: [
        ...(await lostAndDoubled(installation, sending.numbers, databaseUrl)),
        within('longest answer to events', sending.longestMs()),
        within('longest answer to anything else', longest),
        none('storms that were not over when they had passed', isOver ? 0 : 1),
        none('pages answered with something else than 200 or 503', sum(pages)),
        none('decisions and signs of life that failed', sum([decisions, alive])),
      ],
    }
  },
}

async function through(proxy: Proxy, weather: Parameters<Proxy['set']>[0], ms: number): Promise<void> {
  proxy.set(weather)
  if (weather === 'refuses') proxy.cut()
  await pause(ms)
  proxy.set('fair')
}

function sum(probings: readonly { wrong: number }[]): number {
  return probings.reduce((all, { wrong }) => all + wrong, 0)
}
