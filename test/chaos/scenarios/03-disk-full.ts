import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { fillDisk, freeDisk, smallDisk } from '../disk.ts'
import { addService, type Client, describeAnswers, lostAndDoubled, sendEvents } from '../events.ts'
import { decision, health, probe } from '../probing.ts'
import type { Installation, Scenario } from '../scenario.ts'
import { until } from '../../support/until.ts'

const plants: Record<string, { preload?: string; client?: Client }> = {
  'nobody watches the disk': { preload: 'disk-not-watched.ts' },
  'the client takes a refusal for an acknowledgement': { client: 'believes every answer' },
}
const rounds = 3
const diskMegabytes = 500
const reserveMegabytes = 120
const backLimitMs = 10_000
const answerLimitMs = 5_000

export const scenario: Scenario = {
  promise: 3,
  title: 'A full disk loses nothing, is told, and is over when there is room again',
  reach: `${rounds} rounds on a disk of ${diskMegabytes} MB, to the reserve and then to the last byte: none lost, refused as a problem, /ready red, /health and decisions green, back in 10 s`,
  plants: Object.keys(plants),
  async run(stage, plant) {
    const { preload, client } = plant === null ? {} : (plants[plant] ?? {})
    const disk = await smallDisk(stage, diskMegabytes)
    const installation = await stage.start({
      dataDirectory: join(disk, 'data'),
      env: { PHASEGATE_RESERVE_MB: String(reserveMegabytes), PHASEGATE_BALLAST_MB: '32' },
      ...(preload === undefined ? {} : { preload: fileURLToPath(new URL(`../plants/${preload}`, import.meta.url)) }),
    })
    await addService(installation)
    const decisions = probe(installation, decision)
    const alive = probe(installation, health)
    const sending = sendEvents(installation, { senders: 4, batch: 200, ...(client === undefined ? {} : { client }) })
    let silent = 0
    let slowest = 0
    for (let round = 0; round < rounds; round += 1) {
      const least = sending.acknowledged() + 2_000
      await until('events are acknowledged', () => sending.acknowledged() >= least, 60_000)
      // What is left above the reserve is taken by the events themselves, or by whatever else writes.
      fillDisk(disk, reserveMegabytes + 5)
      if (!(await isToldWithin(installation, 15_000))) silent += 1
      fillDisk(disk, 0)
      if (!(await isToldWithin(installation, 5_000))) silent += 1
      const began = performance.now()
      freeDisk(disk)
      await until('events are acknowledged again', () => sending.lastAt() > began, 60_000)
      slowest = Math.max(slowest, sending.lastAt() - began)
    }
    await sending.stop()
    await Promise.all([decisions.stop(), alive.stop()])
    stage.say(`answers to events by status: ${describeAnswers(sending)}`)
    const others = [...sending.statuses.keys()].filter((status) => ![200, 503, 507].includes(status)).length
    return {
      rounds,
      figures: [
        ...(await lostAndDoubled(installation, sending.numbers)),
        {
          says: 'times that it was not refused as a problem with /ready red',
          value: silent,
          unit: '',
          holds: silent === 0,
        },
        { says: 'other answers to events than 200, 503 or 507', value: others, unit: '', holds: others === 0 },
        { says: 'decisions that failed', value: decisions.wrong, unit: '', holds: decisions.wrong === 0 },
        { says: 'signs of life that failed', value: alive.wrong, unit: '', holds: alive.wrong === 0 },
        {
          says: 'longest until events were taken in again',
          value: slowest / 1000,
          unit: 's',
          holds: slowest < backLimitMs,
        },
      ],
    }
  },
}

/** Events are refused as a problem document with a code, and `/ready` names the disk. */
async function isToldWithin(installation: Installation, limitMs: number): Promise<boolean> {
  const end = performance.now() + limitMs
  for (; performance.now() < end; await pause(50)) {
    const asked = await askedHow(installation).catch(() => null)
    if (asked === null) continue
    const { sent, said, ready } = asked
    const isProblem = sent.headers.get('content-type')?.startsWith('application/problem+json') ?? false
    const { parts } = ready.body as { parts?: { disk?: { ok: boolean } } }
    if ([503, 507].includes(sent.status) && isProblem && said.code === 'no-room')
      if (ready.status === 503 && parts?.disk?.ok === false) return true
  }
  return false
}

/** Rejects where there is no answer: with a fault in it, it may hang or be gone. */
async function askedHow(installation: Installation) {
  const [sent, ready] = await Promise.all([
    fetch(`${installation.url}/api/v1/events`, {
      method: 'POST',
      headers: { authorization: `Bearer ${installation.adminKey}`, 'content-type': 'application/json' },
      body: '{"events":[]}',
      signal: AbortSignal.timeout(answerLimitMs),
    }),
    installation.api('GET', '/ready'),
  ])
  return { sent, ready, said: (await sent.json()) as { code?: string } }
}
