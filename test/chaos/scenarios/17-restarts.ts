import { setTimeout as pause } from 'node:timers/promises'
import { startLoad } from '../load.ts'
import { openDoor } from '../public-door.ts'
import type { Scenario } from '../scenario.ts'

const rounds = 5
const perSecond = 100

/** An upgrade is nothing that the public should notice. */
export const scenario: Scenario = {
  promise: 17,
  title: 'Gateway and service are restarted, and nobody’s request fails',
  reach: `${rounds} restarts of each at ${perSecond} requests a second: failed 0 at the gateway; its pages from the service 200, or 503 with Retry-After`,
  plants: ['the gateway is stopped and started'],
  async run(stage, plant) {
    const { gateway, installation, pass } = await openDoor(stage)
    const load = startLoad({ port: gateway.port, perSecond, withBody: 0.2, cookie: pass })
    const pages = watchPages(gateway.port)
    await pause(2_000)
    for (let round = 0; round < rounds; round++) {
      if (plant === null) await gateway.restart()
      else {
        await gateway.kill('SIGTERM')
        await gateway.start()
      }
      await installation.kill('SIGTERM')
      await installation.restart()
      await pause(500)
    }
    const report = await load.stop()
    const wrong = await pages.stop()
    for (const problem of new Set([...report.failed, ...wrong])) stage.say(problem)
    return {
      rounds: rounds * 2,
      figures: [
        {
          says: `of ${report.sent} requests failed`,
          value: report.failed.length,
          unit: '',
          holds: report.failed.length === 0,
        },
        {
          says: 'pages of the service that were neither there nor “later”',
          value: wrong.length,
          unit: '',
          holds: wrong.length === 0,
        },
        { says: 'the worst answer', value: report.worstMs, unit: 'ms', holds: true },
      ],
    }
  },
}

/** A page that the gateway takes from the service, ten times a second. */
function watchPages(port: number): { stop(): Promise<string[]> } {
  const wrong: string[] = []
  let isOver = false
  const watching = (async () => {
    while (!isOver) {
      await fetch(`http://127.0.0.1:${port}/.phasegate/feedback`)
        .then(async (answer) => {
          await answer.arrayBuffer()
          const isLater = answer.status === 503 && answer.headers.has('retry-after')
          if (answer.status !== 200 && !isLater) wrong.push(`the page answered ${answer.status}`)
        })
        .catch((error: Error) => void wrong.push(`the page: ${error.message}`))
      await pause(100)
    }
  })()
  return {
    async stop() {
      isOver = true
      await watching
      return wrong
    },
  }
}
