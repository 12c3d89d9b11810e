import { fileURLToPath } from 'node:url'
import { DidNotStart, type Installation, type Scenario, type Stage } from '../scenario.ts'

const rounds = 3
const plants: Record<string, string> = {
  'the lock is not seen': 'lock-not-seen.ts',
  'the refusal is silent': 'ends-in-silence.ts',
}

/** Two on one folder would each believe that the data are theirs. */
export const scenario: Scenario = {
  promise: 25,
  title: 'A second process on one data folder is refused, and the first goes on unharmed',
  reach: `${rounds} tries: a clear line, an exit code other than 0, the first unharmed`,
  plants: Object.keys(plants),
  async run(stage, plant) {
    const first = await stage.start()
    const before = { pid: first.pid, database: first.databasePid() }
    const refusals: Refused[] = []
    let harmed = 0
    for (let round = 0; round < rounds; round += 1) {
      refusals.push(await startSecond(stage, first, plant))
      const unharmed =
        first.pid === before.pid && first.databasePid() === before.database && (await answersWithData(first))
      if (!unharmed) harmed += 1
    }
    const silent = refusals.filter(({ output }) => !isClear(output, first)).length
    const accepted = refusals.filter(({ code }) => code === null || code === 0).length
    return {
      rounds,
      figures: [
        { says: 'second processes that did not end with a failure', value: accepted, unit: '', holds: accepted === 0 },
        { says: 'second processes that did not name folder and holder', value: silent, unit: '', holds: silent === 0 },
        { says: 'rounds after which the first was harmed', value: harmed, unit: '', holds: harmed === 0 },
      ],
    }
  },
}

interface Refused {
  code: number | null
  output: string
}

async function startSecond(stage: Stage, first: Installation, plant: string | null): Promise<Refused> {
  const file = plant === null ? undefined : plants[plant]
  const preload = file === undefined ? {} : { preload: fileURLToPath(new URL(`../plants/${file}`, import.meta.url)) }
  try {
    const second = await stage.start({ dataDirectory: first.dataDirectory, ...preload })
    await second.kill('SIGKILL')
    return { code: null, output: second.output() }
  } catch (error) {
    if (error instanceof DidNotStart) return error
    throw error
  }
}

function isClear(output: string, first: Installation): boolean {
  return output.includes('already runs') && output.includes(first.dataDirectory) && output.includes(String(first.pid))
}

async function answersWithData(first: Installation): Promise<boolean> {
  const ready = await first.api('GET', '/ready')
  const services = await first.api('GET', '/api/v1/services')
  return ready.status === 200 && services.status === 200
}
