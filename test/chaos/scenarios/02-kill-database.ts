import { killPlants, killWhileSending } from '../killing.ts'
import { childrenOf, signal } from '../processes.ts'
import type { Installation, Scenario } from '../scenario.ts'
import { until } from '../../support/until.ts'

const rounds = 20

export const scenario: Scenario = {
  promise: 2,
  title: 'Acknowledged events survive the kill of PostgreSQL alone, and the service recovers by itself',
  reach: `${rounds} rounds of kill -9 while clients send: of at least 100,000 events none lost, none doubled; back in 5 s`,
  plants: Object.keys(killPlants),
  run(stage, plant) {
    let round = 0
    return killWhileSending(
      stage,
      {
        rounds,
        leastEvents: 100_000,
        back: { says: 'longest time until the service was ready by itself', limitMs: 5_000 },
        kill: (installation) => killDatabase(installation, (round += 1)),
      },
      plant,
    )
  },
}

/** The whole server, or, every third time, one of its processes, at which the server restarts within itself. */
async function killDatabase(installation: Installation, round: number): Promise<number> {
  // A client that believes every answer goes on before it is there again.
  await until('PostgreSQL runs', () => installation.databasePid() !== null, 30_000)
  const server = installation.databasePid()
  if (server === null) throw new Error('There is no PostgreSQL to kill')
  const victim = round % 3 === 0 ? (childrenOf(server).at(-1) ?? server) : server
  const began = performance.now()
  signal(victim, 'SIGKILL')
  const isBack = async () => {
    if (victim === server && [null, server].includes(installation.databasePid())) return false
    const answer = await fetch(`${installation.url}/ready`, { signal: AbortSignal.timeout(5_000) })
    await answer.body?.cancel()
    return answer.status === 200
  }
  await until('the service is ready again', isBack, 60_000)
  return performance.now() - began
}
