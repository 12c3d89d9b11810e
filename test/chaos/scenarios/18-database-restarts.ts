import { setTimeout as pause } from 'node:timers/promises'
import { startLoad } from '../load.ts'
import { openDoor, serviceKey } from '../public-door.ts'
import { signal } from '../processes.ts'
import type { Installation, Scenario } from '../scenario.ts'
import { until } from '../../support/until.ts'

const rounds = 5

/** Deciding needs no database; what is to be kept does. */
export const scenario: Scenario = {
  promise: 18,
  title: 'The database restarts in traffic: people and flags notice nothing, writers are told to come again',
  reach: `${rounds} immediate stops of PostgreSQL under load: failed 0 at the gateway and by OFREP; writes are stored or answer 503`,
  plants: ['the service ends with its database'],
  async run(stage, plant) {
    const { gateway, installation, pass } = await openDoor(stage)
    const load = startLoad({ port: gateway.port, perSecond: 50, withBody: 0.2, cookie: pass })
    const flags = watch(
      () => evaluate(installation),
      (status) => status === 200,
    )
    const writes = watch(
      () => write(installation),
      (status) => status === 200 || status === 503,
    )
    await pause(1_000)
    for (let round = 0; round < rounds; round++) {
      const pid = installation.databasePid()
      // What `pg_ctl stop -m immediate` sends; the service starts it again.
      if (pid !== null) signal(pid, 'SIGQUIT')
      if (plant !== null) {
        await installation.kill('SIGKILL')
        await installation.restart()
      }
      await until('the database', async () => ![null, pid].includes(installation.databasePid()))
      await until('a write that is stored', async () => (await write(installation)) === 200)
      await pause(1_000)
    }
    const [report, flagsWrong, writesWrong] = [await load.stop(), await flags.stop(), await writes.stop()]
    for (const problem of new Set([...report.failed, ...flagsWrong.wrong, ...writesWrong.wrong])) stage.say(problem)
    return {
      rounds,
      figures: [
        {
          says: `of ${report.sent} requests at the gateway failed`,
          value: report.failed.length,
          unit: '',
          holds: report.failed.length === 0,
        },
        {
          says: `of ${flagsWrong.asked} flags were not answered`,
          value: flagsWrong.wrong.length,
          unit: '',
          holds: flagsWrong.wrong.length === 0,
        },
        {
          says: `of ${writesWrong.asked} writes were answered otherwise`,
          value: writesWrong.wrong.length,
          unit: '',
          holds: writesWrong.wrong.length === 0,
        },
      ],
    }
  },
}

function evaluate({ url }: Installation): Promise<number> {
  return post(
    `${url}/ofrep/v1/evaluate/flags/${serviceKey}`,
    { context: { targetingKey: 'AAAAAAAAAAAAAAAAAAAAAA' } },
    {},
  )
}

function write({ url, adminKey }: Installation): Promise<number> {
  const event = { id: crypto.randomUUID(), time: new Date().toISOString(), service: serviceKey, name: 'custom.tried' }
  return post(`${url}/api/v1/events`, { events: [event] }, { authorization: `Bearer ${adminKey}` })
}

async function post(url: string, body: object, headers: Record<string, string>): Promise<number> {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(10_000),
  })
  await answer.arrayBuffer()
  return answer.status
}

/** Ten times a second, until stopped. */
function watch(ask: () => Promise<number>, isRight: (status: number) => boolean) {
  const wrong: string[] = []
  let asked = 0
  let isOver = false
  const watching = (async () => {
    while (!isOver) {
      asked++
      await ask()
        .then((status) => void (isRight(status) || wrong.push(`${status}`)))
        .catch((error: Error) => void wrong.push(error.message))
      await pause(100)
    }
  })()
  return {
    async stop() {
      isOver = true
      await watching
      return { asked, wrong }
    },
  }
}
