import { killPlants, killWhileSending } from '../killing.ts'
import { endTree } from '../processes.ts'
import type { Scenario } from '../scenario.ts'

const rounds = 20

export const scenario: Scenario = {
  promise: 1,
  title: 'Acknowledged events survive the kill of everything',
  reach: `${rounds} rounds of kill -9 while clients send: of at least 100,000 events none lost, none doubled; back in 3 s`,
  plants: Object.keys(killPlants),
  run: (stage, plant) =>
    killWhileSending(
      stage,
      {
        rounds,
        leastEvents: 100_000,
        back: { says: 'longest restart', limitMs: 3_000 },
        async kill(installation) {
          const database = installation.databasePid()
          const killed = installation.kill('SIGKILL')
          if (database !== null) endTree(database)
          await killed
          const began = performance.now()
          await installation.restart()
          return performance.now() - began
        },
      },
      plant,
    ),
}
