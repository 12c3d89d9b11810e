import { readFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { aBeta } from '../beta.ts'
import { openListeners } from '../listeners.ts'
import { plantIn, type Installation, type Scenario, type Stage } from '../scenario.ts'

const streams = 1_000
const leastSpreadMs = 10_000
const mostGrowth = 2
const plants: Record<string, string> = { 'streams are let in as they come': 'open-gate.ts' }

/** What all clients do at the same moment can bring down again what has just come back. */
export const scenario: Scenario = {
  promise: 19,
  title: 'After a restart the streams come back one after the other',
  reach: `${streams} streams, killed and started, with clients that heed the server and with clients that don't: back over at least ${leastSpreadMs / 1000} s, memory below ${mostGrowth} times, no crash`,
  plants: Object.keys(plants),
  async run(stage, plant) {
    const installation = await stage.start(plantIn(plants, plant))
    await aBeta(stage, installation)
    const heeding = await storm(stage, installation, true)
    const others = await storm(stage, installation, false)
    const spread = Math.min(heeding.spreadMs, others.spreadMs)
    const growth = Math.max(heeding.growth, others.growth)
    const missing = heeding.missing + others.missing
    const crashes = heeding.crashes + others.crashes
    return {
      rounds: 2,
      figures: [
        {
          says: 'shortest time in which they came back',
          value: spread / 1000,
          unit: 's',
          holds: spread >= leastSpreadMs,
        },
        { says: 'memory at its most, against before', value: growth, unit: 'x', holds: growth < mostGrowth },
        { says: 'streams that were not back within 60 s', value: missing, unit: '', holds: missing === 0 },
        { says: 'processes that ended', value: crashes, unit: '', holds: crashes === 0 },
      ],
    }
  },
}

async function storm(stage: Stage, installation: Installation, heeds: boolean) {
  stage.say(`${streams} streams of clients that ${heeds ? 'heed' : 'do not heed'} the server`)
  const listeners = await openListeners(stage, installation.url, { count: streams, comesBack: true, heeds })
  // A beat of every stream, by which all are told when to come back.
  await pause(16_000)
  const before = memoryOf(installation.pid)
  await installation.kill('SIGKILL')
  await installation.restart()
  const startedAt = performance.now()
  const { pid } = installation
  let most = 0
  while (performance.now() - startedAt < 60_000 && listeners.open() < streams) {
    most = Math.max(most, memoryOf(pid))
    await pause(100)
  }
  const back = [...listeners.openedAt].filter((at) => at > startedAt - 1_000).toSorted((a, b) => a - b)
  const spreadMs = (back.at(-1) ?? 0) - (back[0] ?? 0)
  const missing = streams - listeners.open()
  listeners.close()
  await pause(2_000)
  return { spreadMs, growth: most / before, missing, crashes: installation.pid === pid && memoryOf(pid) > 0 ? 0 : 1 }
}

/** Resident memory in bytes, of a process on Linux; 0 where there is none. */
function memoryOf(pid: number): number {
  try {
    return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024
  } catch {
    return 0
  }
}
