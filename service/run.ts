import { mkdir } from 'node:fs/promises'
import { end, endsOn, isEnding, startedAs } from './ending.ts'
import { beginOwnDatabase } from './own-database.ts'
import { readConfig, type Config } from './platform/config.ts'
import { StartProblem } from './platform/start-problem.ts'

/**
 * What the process does. It imports little: what `start.ts` needs takes a second to read, in which the database already gets ready.
 */
async function run(): Promise<void> {
  const config = readConfig(process.env, process.argv.slice(2))
  await makeDataFolder(config)
  const postgres = config.databaseUrl ?? beginOwnDatabase(config)
  if (typeof postgres !== 'string') {
    await startedAs('PostgreSQL', () => postgres.stop())
    await postgres.underWay
  }
  const { start } = await import('./start.ts')
  await start(config, postgres)
}

async function makeDataFolder({ dataDirectory }: Config): Promise<void> {
  await mkdir(dataDirectory, { recursive: true }).catch((error: Error) => {
    throw new StartProblem(
      `The data folder ${dataDirectory} cannot be made: ${error.message}. Set PHASEGATE_DATA to one that can.`,
    )
  })
}

endsOn(['SIGINT', 'SIGTERM', 'SIGHUP'])

try {
  await run()
} catch (error) {
  // What fails after a signal fails because of it.
  if (isEnding()) {
    await end()
    process.exit(0)
  }
  if (error instanceof StartProblem) console.error(`\nPhasegate did not start.\n\n${error.message}\n`)
  else console.error('\nPhasegate did not start.\n', error)
  await end()
  process.exit(1)
}
