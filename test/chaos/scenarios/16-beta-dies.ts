import { setTimeout as pause } from 'node:timers/promises'
import { startLoad } from '../load.ts'
import { openDoor, startApplication } from '../public-door.ts'
import type { Scenario } from '../scenario.ts'

const rounds = 20
const perSecond = 100

/** A new version is released often, and dies more often than the old one. */
export const scenario: Scenario = {
  promise: 16,
  title: 'The new version dies, is switched and released again, and nobody’s request fails',
  reach: `${rounds} times at ${perSecond} requests a second, 20 % with a body: failed 0 of what the fallback covers, worst below 1 s`,
  plants: ['the current version is gone too'],
  async run(stage, plant) {
    const door = await openDoor(stage)
    const other = await startApplication(stage, 'new')
    if (plant !== null) await door.current.kill('SIGKILL')
    const load = startLoad({ port: door.gateway.port, perSecond, withBody: 0.2, cookie: door.pass })
    await pause(2_000)
    let at = door.new
    for (let round = 0; round < rounds; round++) {
      if (round % 3 === 0) {
        await at.kill('SIGKILL')
        await pause(700)
        await at.start()
      } else if (round % 3 === 1) {
        at = at === door.new ? other : door.new
        door.switchNew(at.url)
      } else {
        await at.kill('SIGTERM')
        await at.start()
      }
      await pause(1_500)
    }
    const report = await load.stop()
    for (const problem of new Set(report.failed)) stage.say(problem)
    return {
      rounds,
      figures: [
        {
          says: `of ${report.sent} requests failed`,
          value: report.failed.length,
          unit: '',
          holds: report.failed.length === 0,
        },
        { says: 'the worst answer', value: report.worstMs, unit: 'ms', holds: report.worstMs < 1_000 },
        { says: 'bodies of which nobody can tell, and were told so', value: report.untold, unit: '', holds: true },
      ],
    }
  },
}
