import { Agent } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { aBalancer } from '../balancer.ts'
import { aBeta, p99, send, type Beta } from '../beta.ts'
import { aDatabase, instancesOn } from '../fleet.ts'
import { watchJobs, type JobLog } from '../job-log.ts'
import { plantIn, type Figure, type Installation, type Scenario, type Stage } from '../scenario.ts'

const halts = 20
const mostMs = 250
const places = 150
const sameEvents = 10_000
const plants: Record<string, string> = {
  'instances do not hear of each other': 'deaf-instances.ts',
  'every instance runs every job': 'jobs-for-all.ts',
  'an instance that ends says that it is ready': 'always-ready.ts',
}

/** Two of everything must still count as one. */
export const scenario: Scenario = {
  promise: 24,
  title: 'Two instances on one database act as one',
  reach: `${halts} halts on one seen by the other with p99 below ${mostMs} ms; ${sameEvents.toLocaleString('en-GB')} events sent to both count once; a cap filled exactly by accepts in turn; each job once; a rolling restart loses no request`,
  plants: Object.keys(plants),
  async run(stage, plant) {
    const databaseUrl = await aDatabase(stage)
    const fault = plantIn(plants, plant)
    const [one, other] = (await instancesOn(stage, databaseUrl, [fault, fault])) as [Installation, Installation]
    const jobs = await watchJobs(stage, databaseUrl, { mail: 30, 'admission-current-services': 60 })
    const beta = await aBeta(stage, one, { door: 'link', phase: 'public-beta' })
    await one.api('PUT', `/api/v1/services/${beta.key}/share`, { percent: 100 })
    const heard = await haltsAcross(beta, one, other)
    // What follows asks each of them in turn, which says nothing of two that do not hear of each other.
    if (heard.some(({ holds }) => !holds)) return { rounds: halts, figures: heard }
    const figures = [
      ...heard,
      ...(await eventsToBoth(beta, one, other)),
      ...(await capInTurn(beta, one, other)),
      ...(await rollingRestart(stage, beta, one, other)),
      ...(await jobsOnce(stage, jobs)),
    ]
    return { rounds: halts, figures }
  },
}

async function haltsAcross(beta: Beta, one: Installation, other: Installation): Promise<Figure[]> {
  const agent = new Agent({ keepAlive: true })
  const flag = async (at: Installation): Promise<boolean> => {
    const url = new URL(`/ofrep/v1/evaluate/flags/${beta.key}`, at.url)
    const { text } = await send(url, { agent, json: { context: { targetingKey: 'somebody' } } })
    return (JSON.parse(text) as { value?: boolean }).value === true
  }
  const until = async (at: Installation, wanted: boolean): Promise<number> => {
    for (const end = performance.now() + 3_000; performance.now() < end; await pause(3)) {
      const askedAt = performance.now()
      if ((await flag(at)) === wanted) return askedAt
    }
    return Number.POSITIVE_INFINITY
  }
  const tookMs: number[] = []
  for (let round = 0; round < halts; round++) {
    const [here, there] = round % 2 === 0 ? [one, other] : [other, one]
    await until(there, true)
    const pressedAt = performance.now()
    const halted = here.api('POST', `/api/v1/services/${beta.key}/halt`, { reason: 'Tried out' })
    const took = (await until(there, false)) - pressedAt
    tookMs.push(took)
    await halted
    // Who did not hear of this one would hear of no other, nor of its end.
    if (!Number.isFinite(took)) break
    await beta.resume()
    await until(here, true)
  }
  agent.destroy()
  const missed = tookMs.filter((ms) => !Number.isFinite(ms)).length
  const seen = tookMs.filter(Number.isFinite)
  return [
    { says: 'a halt on one, seen by the other, p99', value: p99(seen), unit: 'ms', holds: p99(seen) < mostMs },
    { says: 'halts that the other did not see', value: missed, unit: '', holds: missed === 0 },
  ]
}

async function eventsToBoth(beta: Beta, one: Installation, other: Installation): Promise<Figure[]> {
  let stored = 0
  for (let from = 0; from < sameEvents; from += 500) {
    const events = Array.from({ length: 500 }, (_, n) => ({
      ...{ id: `same-${from + n}`, time: new Date().toISOString(), service: beta.key, name: 'custom.tried' },
    }))
    const answers = await Promise.all([one, other].map((at) => at.api('POST', '/api/v1/events', { events })))
    for (const { body } of answers) stored += body.stored ?? 0
  }
  const doubled = Math.max(0, stored - sameEvents)
  const lost = Math.max(0, sameEvents - stored)
  return [
    { says: 'events counted twice', value: doubled, unit: '', holds: doubled === 0 },
    { says: 'events not counted', value: lost, unit: '', holds: lost === 0 },
  ]
}

async function capInTurn(beta: Beta, one: Installation, other: Installation): Promise<Figure[]> {
  await beta.setCap(places)
  const links = await beta.invite(Array.from({ length: 2 * places }, (_, n) => `person${n}@example.org`))
  const statuses = await Promise.all(
    links.map(async (link, n) => {
      const at = new URL(`${new URL(link).pathname}/accept`, n % 2 === 0 ? one.url : other.url)
      return (await send(at, { form: { nonce: `n${n}` } })).status
    }),
  )
  const letIn = statuses.filter((status) => status === 303).length
  const off = Math.max(Math.abs(letIn - places), Math.abs((await beta.taken()) - places))
  return [{ says: 'people above or below the cap', value: off, unit: '', holds: off === 0 }]
}

async function rollingRestart(stage: Stage, beta: Beta, one: Installation, other: Installation): Promise<Figure[]> {
  const balancer = await aBalancer(stage, [one.url, other.url])
  const agent = new Agent({ keepAlive: true, maxSockets: 32 })
  let asked = 0
  let lost = 0
  let isOver = false
  const ask = async (n: number): Promise<void> => {
    asked++
    const json = n % 2 === 0 ? { context: { targetingKey: `t${n}` } } : undefined
    const path = n % 2 === 0 ? `/ofrep/v1/evaluate/flags/${beta.key}` : '/sign-in'
    const status = await send(new URL(path, balancer), { agent, json }).then(
      (answer) => answer.status,
      () => 0,
    )
    if (status !== 200) lost++
  }
  const load = (async () => {
    const running = new Set<Promise<void>>()
    for (let n = 0; !isOver; n++) {
      const each = ask(n).finally(() => running.delete(each))
      running.add(each)
      await pause(20)
    }
    await Promise.all(running)
  })()
  for (const each of [one, other]) {
    await each.kill('SIGTERM')
    await each.restart()
    await pause(1_000)
  }
  isOver = true
  await load
  agent.destroy()
  return [{ says: `requests lost of ${asked} while both were restarted`, value: lost, unit: '', holds: lost === 0 }]
}

async function jobsOnce(stage: Stage, jobs: JobLog): Promise<Figure[]> {
  stage.say('watching the recurring jobs for 70 s')
  await pause(70_000)
  const [tooSoon, runs] = [await jobs.tooSoon(), await jobs.runs()]
  return [
    { says: `runs of jobs that came too soon, of ${runs}`, value: tooSoon, unit: '', holds: tooSoon === 0 && runs > 2 },
  ]
}
