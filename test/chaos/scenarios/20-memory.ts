import { readFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { startLoad } from '../load.ts'
import { openDoor } from '../public-door.ts'
import type { Scenario } from '../scenario.ts'

/** The whole of it takes 35 minutes: `PHASEGATE_CHAOS_MINUTES=30`. */
const minutes = Number(process.env.PHASEGATE_CHAOS_MINUTES ?? 4)
const warmMinutes = minutes >= 30 ? 5 : 1
const perSecond = 200
const mostKb = 20
const plants: Record<string, string> = { 'a gateway that remembers every request': 'remembers-requests.ts' }

/** What grows with every request ends a gateway one night. */
export const scenario: Scenario = {
  promise: 20,
  title: 'The gateway’s memory does not grow with what it serves',
  reach: `${minutes} minutes at ${perSecond} requests a second after ${warmMinutes} to warm up: below ${mostKb} KB for 1,000 requests, failed 0`,
  plants: Object.keys(plants),
  limitMinutes: minutes + warmMinutes + 5,
  async run(stage, plant) {
    if (minutes < 30)
      stage.say(`${minutes} minutes show a coarse leak; PHASEGATE_CHAOS_MINUTES=30 tries the promise as it stands`)
    const file = plant === null ? undefined : plants[plant]
    const preload = file === undefined ? {} : { preload: fileURLToPath(new URL(`../plants/${file}`, import.meta.url)) }
    const { gateway, pass } = await openDoor(stage, preload)
    const load = startLoad({ port: gateway.port, perSecond, withBody: 0.1, cookie: pass })
    const [worker = 0] = gateway.workers()
    await pause(warmMinutes * 60_000)
    const samples: { sent: number; kb: number }[] = []
    for (const until = performance.now() + minutes * 60_000; performance.now() < until;) {
      await pause(2_000)
      samples.push({ sent: load.sent, kb: residentKb(worker) })
    }
    const report = await load.stop()
    const growth = growthKb(samples)
    for (const problem of new Set(report.failed)) stage.say(problem)
    return {
      rounds: report.sent,
      figures: [
        { says: 'growth for 1,000 requests', value: growth, unit: 'KB', holds: growth < mostKb },
        {
          says: `of ${report.sent} requests failed`,
          value: report.failed.length,
          unit: '',
          holds: report.failed.length === 0,
        },
      ],
    }
  },
}

/** Of the lowest of the last third against the lowest of the first: what lies above is garbage that waits. */
function growthKb(samples: { sent: number; kb: number }[]): number {
  const third = Math.floor(samples.length / 3)
  const low = (part: typeof samples) => part.reduce((lowest, each) => (each.kb < lowest.kb ? each : lowest))
  const [first, last] = [low(samples.slice(0, third)), low(samples.slice(-third))]
  return ((last.kb - first.kb) * 1000) / Math.max(1, last.sent - first.sent)
}

function residentKb(pid: number): number {
  return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0)
}
