import { setTimeout as pause } from 'node:timers/promises'
import { aBeta, p99, type Beta } from '../beta.ts'
import { openListeners, type Listeners } from '../listeners.ts'
import { plantIn, type Scenario } from '../scenario.ts'

const rounds = 20
const streams = 1_000
const mostMs = 250
const plants: Record<string, string> = {
  'news is held up for 400 ms': 'late-news.ts',
  'one stream in a hundred is forgotten': 'lost-news.ts',
}

/** From the press of the button to whoever decides. */
export const scenario: Scenario = {
  promise: 7,
  title: 'A halt reaches every stream and the gateway at once',
  reach: `${rounds} halts with ${streams} streams and a pass at the gateway: p99 below ${mostMs} ms, 0 missed`,
  plants: Object.keys(plants),
  async run(stage, plant) {
    const installation = await stage.start(plantIn(plants, plant))
    const beta = await aBeta(stage, installation)
    const [link = ''] = await beta.invite(['person@example.org'])
    const pass = await beta.accept(link)
    stage.say(`opening ${streams} streams`)
    const listeners = await openListeners(stage, installation.url, { count: streams })
    const tellsMs: number[] = []
    const gatewayMs: number[] = []
    let missed = 0
    for (let round = 0; round < rounds; round++) {
      await untilServed(beta, pass, 'new')
      await pause(600)
      const told = await haltOnce(beta, pass, listeners)
      tellsMs.push(...told.streamsMs)
      missed += streams - told.streamsMs.length
      gatewayMs.push(told.gatewayMs)
      await beta.resume()
    }
    return {
      rounds,
      figures: [
        {
          says: `streams told, p99 of ${tellsMs.length}`,
          value: p99(tellsMs),
          unit: 'ms',
          holds: p99(tellsMs) < mostMs,
        },
        { says: 'streams that were not told within 2 s', value: missed, unit: '', holds: missed === 0 },
        { says: 'a pass at the gateway, p99', value: p99(gatewayMs), unit: 'ms', holds: p99(gatewayMs) < mostMs },
      ],
    }
  },
}

async function haltOnce(
  beta: Beta,
  pass: string,
  { toldAt }: Listeners,
): Promise<{ streamsMs: number[]; gatewayMs: number }> {
  toldAt.fill(0)
  const pressedAt = performance.now()
  const halted = beta.halt()
  const gatewayMs = (await untilServed(beta, pass, 'current')) - pressedAt
  await halted
  while (toldAt.includes(0) && performance.now() - pressedAt < 2_000) await pause(10)
  return { streamsMs: [...toldAt].filter((at) => at > 0).map((at) => at - pressedAt), gatewayMs }
}

/** When the request was sent that this version answered. */
async function untilServed(beta: Beta, pass: string, by: 'current' | 'new'): Promise<number> {
  for (const until = performance.now() + 10_000; performance.now() < until; await pause(5)) {
    const askedAt = performance.now()
    if ((await beta.served(pass)) === by) return askedAt
  }
  throw new Error(`The ${by} version did not answer within 10 s`)
}
