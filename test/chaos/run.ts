import { glob } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { closingLines, describeResult, type Line, type Result, summarise } from './report.ts'
import { CannotBeTried, type Scenario } from './scenario.ts'
import { openStage, type OpenStage } from './stage.ts'

const help = `
Tries the promises that have to hold when things break, on real processes.

  npm run chaos                    all of them
  npm run chaos -- 7 24            some, by the number of the promise
  npm run chaos -- --prove 7       plants each known fault in turn; each has to be noticed
  npm run chaos -- --list          what there is, with the figures to reach and the faults

Everything stays on loopback addresses and in temporary folders, takes minutes, and is cleared away at the end, after
Ctrl-C too. Exit code: 0 when all is as it should be, 1 when not, 2 when the command was not understood.`

class Misunderstood extends Error {}

const scenariosFolder = fileURLToPath(new URL('scenarios', import.meta.url))
const defaultLimitMinutes = 10
const cleanUpLimitMs = 45_000

let stage: OpenStage | null = null
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    console.log('\nEnding, and clearing away what was started ...')
    void cleared(stage).then(() => process.exit(130))
  })
}

async function main(): Promise<number> {
  const { values, positionals } = readArguments()
  if (values.help) {
    console.log(help.trim())
    return 0
  }
  const scenarios = choose(await everyScenario(), positionals)
  if (values.list) {
    for (const scenario of scenarios) describeScenario(scenario)
    return 0
  }
  const lines: Line[] = []
  for (const scenario of scenarios) {
    for (const plant of values.prove ? scenario.plants : [null]) {
      lines.push(await tryOne(scenario, plant))
    }
  }
  for (const line of closingLines(lines)) console.log(line)
  return lines.every(({ good }) => good !== false) ? 0 : 1
}

function readArguments() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: { prove: { type: 'boolean' }, list: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
    })
  } catch (error) {
    throw new Misunderstood((error as Error).message)
  }
}

async function everyScenario(): Promise<Scenario[]> {
  const files = await Array.fromAsync(glob('*.ts', { cwd: scenariosFolder }))
  const found: Scenario[] = []
  for (const file of files.toSorted()) {
    const module = (await import(pathToFileURL(join(scenariosFolder, file)).href)) as { scenario?: Scenario }
    const number = Number(/^\d\d(?=-)/.exec(basename(file))?.[0])
    if (module.scenario?.promise !== number)
      throw new Error(`${file} has to export a scenario, and begin with the two digits of its promise`)
    found.push(module.scenario)
  }
  return found
}

function choose(all: Scenario[], asked: string[]): Scenario[] {
  for (const word of asked) {
    if (all.some(({ promise }) => promise === Number(word))) continue
    throw new Misunderstood(`No scenario tries promise ${word}; there are ${numbersOf(all)}.`)
  }
  return asked.length === 0 ? all : all.filter(({ promise }) => asked.map(Number).includes(promise))
}

function numbersOf(scenarios: Scenario[]): string {
  return [...new Set(scenarios.map(({ promise }) => promise))].join(', ')
}

function describeScenario({ promise, title, reach, plants }: Scenario): void {
  console.log(`${String(promise).padStart(4)}  ${title}\n      to reach: ${reach}\n      faults: ${plants.join(', ')}`)
}

async function tryOne(scenario: Scenario, plant: string | null): Promise<Line> {
  console.log(`\n${String(scenario.promise).padStart(4)}  ${scenario.title}`)
  console.log(
    plant === null ? `    to reach: ${scenario.reach}` : `    with the fault “${plant}”, which has to be noticed`,
  )
  const result = await resultOf(scenario, plant)
  for (const line of describeResult(result)) console.log(line)
  return summarise(scenario, plant, result)
}

async function resultOf(scenario: Scenario, plant: string | null): Promise<Result> {
  const began = performance.now()
  const seconds = () => (performance.now() - began) / 1000
  const own = openStage((line) => console.log(`    · ${line}`))
  stage = own
  const over = new AbortController()
  try {
    const outcome = await Promise.race([scenario.run(own, plant), tooLate(scenario, over.signal)])
    return { kind: 'tried', outcome, seconds: seconds() }
  } catch (error) {
    if (error instanceof CannotBeTried) return { kind: 'not tried', why: error.message }
    return { kind: 'broke', error, seconds: seconds() }
  } finally {
    over.abort()
    await cleared(own)
    stage = null
  }
}

async function tooLate({ limitMinutes = defaultLimitMinutes }: Scenario, signal: AbortSignal): Promise<never> {
  await pause(limitMinutes * 60_000, undefined, { signal })
  throw new Error(`It did not end within ${limitMinutes} minutes`)
}

async function cleared(open: OpenStage | null): Promise<void> {
  const over = new AbortController()
  const late = pause(cleanUpLimitMs, true, { signal: over.signal }).catch(() => false)
  const isLate = await Promise.race([open?.end().then(() => false), late])
  over.abort()
  if (isLate) console.log('    · Not everything could be cleared away in time.')
}

try {
  process.exit(await main())
} catch (error) {
  if (!(error instanceof Misunderstood)) throw error
  console.error(`${error.message}\n\n${help.trim()}`)
  process.exit(2)
}
