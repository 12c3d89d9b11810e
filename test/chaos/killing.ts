import { fileURLToPath } from 'node:url'
import { addService, type Client, describeAnswers, lostAndDoubled, sendEvents } from './events.ts'
import type { Installation, Outcome, Stage } from './scenario.ts'
import { until } from '../support/until.ts'

export const killPlants: Record<string, { preload?: string; client?: Client }> = {
  'the database acknowledges before it has written': { preload: 'late-commits.ts' },
  'the client takes a refusal for an acknowledgement': { client: 'believes every answer' },
  'the client sends again under new ids': { client: 'sends again under new ids' },
}

interface Killing {
  rounds: number
  /** Kills, and resolves to how long it took until it was ready again. */
  kill(installation: Installation): Promise<number>
  back: { says: string; limitMs: number }
  leastEvents: number
}

const load = { senders: 8, batch: 100 }
const enoughLimitMs = 240_000

/** Rounds of killing while clients send; then everything that was acknowledged is looked for. */
export async function killWhileSending(stage: Stage, killing: Killing, plant: string | null): Promise<Outcome> {
  const { preload, client } = plant === null ? {} : (killPlants[plant] ?? {})
  const installation = await stage.start(
    preload === undefined ? {} : { preload: fileURLToPath(new URL(`plants/${preload}`, import.meta.url)) },
  )
  await addService(installation)
  const sending = sendEvents(installation, { ...load, ...(client === undefined ? {} : { client }) })
  const backMs: number[] = []
  const areThere = (wanted: number, limitMs: number): Promise<boolean> =>
    until(`${wanted} events are acknowledged`, () => sending.acknowledged() >= wanted, limitMs).then(
      () => true,
      () => false,
    )
  // With a fault in it the database may have lost the service itself, and every event is refused from then on.
  let goesOn = true
  for (let round = 0; round < killing.rounds && goesOn; round += 1) {
    const least = sending.acknowledged() + load.senders * load.batch * (1 + Math.floor(Math.random() * 4))
    goesOn = await areThere(least, 30_000)
    if (goesOn) backMs.push(await killing.kill(installation))
  }
  goesOn &&= await areThere(killing.leastEvents, enoughLimitMs)
  await sending.stop()
  const slowest = Math.max(0, ...backMs)
  stage.say(`answers by status: ${describeAnswers(sending)}`)
  stage.say(`back after ${backMs.map((ms) => (ms / 1000).toFixed(1)).join(', ')} s`)
  const { says, limitMs } = killing.back
  return {
    rounds: killing.rounds,
    figures: [
      ...(await lostAndDoubled(installation, sending.numbers)),
      { says: 'times that events were acknowledged no more', value: goesOn ? 0 : 1, unit: '', holds: goesOn },
      { says, value: slowest / 1000, unit: 's', holds: slowest < limitMs },
    ],
  }
}
