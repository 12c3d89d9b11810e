import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { addService, type Client, describeAnswers, lostAndDoubled, sendEvents } from '../events.ts'
import { inject, mustTrace } from '../injection.ts'
import { decision, probe } from '../probing.ts'
import type { Installation, Scenario, Stage } from '../scenario.ts'
import { until } from '../../support/until.ts'

const plants: Record<string, { preload?: string; client?: Client }> = {
  'the database does not wait for the disk': { preload: 'database-does-not-flush.ts' },
  'the client takes a refusal for an acknowledgement': { client: 'believes every answer' },
}
const errorRounds = 4
const errorMs = 4_000
const slowRounds = 3
const windowMs = 6_000
/** An answer may still be on its way when the fault is planted. */
const onItsWayMs = 250
const mostChange = 0.2

export const scenario: Scenario = {
  promise: 4,
  title: 'A disk that fails or is slow makes no acknowledgement untrue, and slows no decision',
  reach: `${errorRounds} times EIO on fsync, ${slowRounds} times 200 ms: none lost, none acknowledged during EIO, p99 of decisions within 20 %`,
  plants: Object.keys(plants),
  async run(stage, plant) {
    mustTrace()
    const { preload, client } = plant === null ? {} : (plants[plant] ?? {})
    const installation = await stage.start(
      preload === undefined ? {} : { preload: fileURLToPath(new URL(`../plants/${preload}`, import.meta.url)) },
    )
    await addService(installation)
    const sending = sendEvents(installation, { senders: 4, batch: 50, ...(client === undefined ? {} : { client }) })
    let untrue = 0
    for (let round = 0; round < errorRounds; round += 1) {
      const least = sending.acknowledged() + 500
      await until('events are acknowledged again', () => sending.acknowledged() >= least, 60_000)
      const injection = await inject(stage, installation, 'error=EIO')
      const end = performance.now() + errorMs
      while (performance.now() < end) {
        const { since } = injection
        const last = sending.lastAt()
        if (since !== null && last > since + onItsWayMs) untrue += 1
        await pause(20)
      }
      await injection.stop()
    }
    const least = sending.acknowledged() + 500
    await until('events are acknowledged after the errors', () => sending.acknowledged() >= least, 60_000)
    const { usual, slow } = await decisionsWithSlowDisk(stage, installation)
    await sending.stop()
    stage.say(`answers to events by status: ${describeAnswers(sending)}`)
    stage.say(`p99 of decisions: ${usual.toFixed(1)} ms, with a slow disk ${slow.toFixed(1)} ms`)
    const change = slow / usual - 1
    return {
      rounds: errorRounds + slowRounds,
      figures: [
        ...(await lostAndDoubled(installation, sending.numbers)),
        { says: 'looks at which something was acknowledged during EIO', value: untrue, unit: '', holds: untrue === 0 },
        {
          says: 'p99 of decisions, slower with a slow disk by',
          value: change * 100,
          unit: '%',
          holds: change <= mostChange,
        },
      ],
    }
  },
}

/** Usual and slow in turn, so that whatever else this machine does falls on both. */
async function decisionsWithSlowDisk(stage: Stage, installation: Installation) {
  const took: Record<'usual' | 'slow', number[]> = { usual: [], slow: [] }
  for (let round = 0; round < slowRounds; round += 1) {
    took.usual.push(...(await decisionsFor(installation)))
    const injection = await inject(stage, installation, 'delay_exit=200000')
    took.slow.push(...(await decisionsFor(installation)))
    await injection.stop()
  }
  return { usual: percentile(took.usual, 0.99), slow: percentile(took.slow, 0.99) }
}

async function decisionsFor(installation: Installation): Promise<number[]> {
  const decisions = probe(installation, { ...decision, everyMs: 4 })
  await pause(windowMs)
  await decisions.stop()
  if (decisions.wrong > 0) throw new Error(`${decisions.wrong} decisions failed`)
  return decisions.tookMs
}

function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((one, other) => one - other)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
}
