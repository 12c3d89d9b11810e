import { spawn } from 'node:child_process'
import { existsSync, rmSync } from 'node:fs'
import { chmod, glob, mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { findChromium } from './support/browser.ts'
import { startTestPostgres } from './support/postgres.ts'

const project = fileURLToPath(new URL('..', import.meta.url))
const results = join(project, '.phasegate', 'test-titles.json')
const everyFile = join(project, 'test', 'support', 'every-file.ts')
const apart = ['node_modules', 'bench', 'runtime', '.phasegate', '.git']
const limitOfOneTestMs = 120_000

/** Until the tests run, leaving is enough: what was set up is cleared on the way out. */
let heard: (signal: NodeJS.Signals) => void = () => process.exit(130)
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => heard(signal))

/** `npm test [file …]`: every test in one process, against a real PostgreSQL and a real Chromium. */
async function main(): Promise<number> {
  const asked = process.argv.slice(2)
  const files = asked.length > 0 ? asked.map((file) => resolve(file)) : await everyTest()
  const missing = files.find((file) => !existsSync(file))
  if (missing) {
    console.error(`There is no test file ${missing}.`)
    return 1
  }
  const temporary = await temporaryFolder()
  process.once('exit', () => rmSync(temporary, { recursive: true, force: true }))
  const database = await startTestPostgres()
  try {
    // Unpacked now, so that the first test with a browser does not wait for it.
    const { executablePath } = await findChromium()
    console.log(`${files.length} test files; PostgreSQL in ${database.template.host}; Chromium at ${executablePath}`)
    const unfinished = `${results}.${process.pid}`
    const code = await runNode(unfinished, {
      PHASEGATE_TEST_FILES: JSON.stringify(files),
      PHASEGATE_TEST_DATABASE: JSON.stringify(database.template),
      TMPDIR: temporary,
      NODE_ENV: 'test',
    })
    if (code !== 0) await repeatSummary(unfinished)
    // A narrowed run says nothing about the tests it left out.
    if (asked.length === 0 && existsSync(unfinished)) await rename(unfinished, results)
    else await rm(unfinished, { force: true })
    return code
  } finally {
    await database.stop()
    await rm(temporary, { recursive: true, force: true, maxRetries: 5 })
  }
}

/** What the tests leave behind (browser profiles, when the run is forced to end) goes with the run. */
async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'phasegate-tests-'))
  // The account that runs a database as part of a test must be able to pass through.
  await chmod(folder, 0o711)
  return folder
}

async function everyTest(): Promise<string[]> {
  const exclude = (name: string) => apart.includes(relative(project, resolve(project, name)).split('/').at(-1) ?? '')
  const found = await Array.fromAsync(glob('**/*.test.ts', { cwd: project, exclude }))
  return found.toSorted().map((file) => join(project, file))
}

async function runNode(titles: string, settings: Record<string, string>): Promise<number> {
  await mkdir(join(project, '.phasegate'), { recursive: true })
  const reporter = join(project, 'test', 'support', 'titles-reporter.ts')
  const args = [
    ...['--import', pathToFileURL(join(project, 'runtime', 'with-parent.mjs')).href],
    ...['--test', '--test-isolation=none', '--test-force-exit', `--test-timeout=${limitOfOneTestMs}`],
    ...['--test-reporter=spec', '--test-reporter-destination=stdout'],
    ...[`--test-reporter=${reporter}`, `--test-reporter-destination=${titles}`],
  ]
  const env = { ...process.env, ...settings, PHASEGATE_PARENT: String(process.pid) }
  const child = spawn(process.execPath, [...args, everyFile], {
    cwd: project,
    env,
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  heard = (signal) => child.kill(signal)
  return new Promise((done, failed) => {
    child.once('error', failed)
    child.once('exit', (code, signal) => done(signal ? 1 : (code ?? 1)))
  })
}

/** Node lists the failures after its summary; people and programs look for the summary at the end. */
async function repeatSummary(titles: string): Promise<void> {
  if (!existsSync(titles)) return
  const { summary } = JSON.parse(await readFile(titles, 'utf8')) as { summary: string[] }
  for (const line of summary) console.log(`ℹ ${line}`)
}

process.exitCode = await main()
process.exit()
