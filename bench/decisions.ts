import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { compile, decide, newUnit, validateSnapshot } from '../packages/admission/src/index.ts'
import { deciders, snapshotOf, type Flag, type Person } from './deciders.ts'

/**
 * `npm run bench -- decisions`: a decision in process, beside the peers, each in a process of its own, in turns. Everybody
 * decides about the same people on the same flags, and says how many were let in, so that one who does less is seen.
 */
const rounds = Number(process.env.BENCH_ROUNDS ?? 5)
const atLeastMs = Number(process.env.BENCH_MS ?? 400)
const own = fileURLToPath(import.meta.url)
const countries = Array.from({ length: 40 }, (_, index) => `C${index}`)

interface Scenario {
  flags: number
  listed: number
  countries: number
  percent: number
}

interface Figures {
  /** Nanoseconds for each decision, asked one at a time, and with all flags at once. */
  oneNs: number
  allNs: number
  /** Part of the decisions that let somebody in. */
  on: number
}

const hundredFlags: Scenario = { flags: 100, listed: 50, countries: 5, percent: 25 }
const manyInvited: Scenario = { flags: 1, listed: 100_000, countries: 0, percent: 0 }

const [role, name = '', given = ''] = process.argv.slice(2)
if (role === 'decider') console.log(JSON.stringify(await measure(name, JSON.parse(given) as Scenario)))
else if (role === 'cohort') console.log(JSON.stringify(cohort(Number(name), Number(given))))
else await bench()

/** The same in each process: a small generator with a fixed seed. */
function world({ flags, listed, countries: named, percent }: Scenario): { flags: Flag[]; people: Person[] } {
  let state = 42
  const below = (most: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * most)
  }
  const unit = (): string => Buffer.from(Array.from({ length: 16 }, () => below(256))).toString('base64url')
  const pick = <T>(from: readonly T[]): T => from[below(from.length)] as T
  const known = Array.from({ length: Math.max(2_000, listed) }, unit)
  const people = Array.from({ length: 1_000 }, () => ({
    // Half of those who ask are on some list.
    unit: below(2) === 0 ? pick(known) : unit(),
    country: pick(countries),
  }))
  return {
    people,
    flags: Array.from({ length: flags }, (_, index) => ({
      key: `flag-${index}`,
      listed: listed >= known.length ? known : Array.from({ length: listed }, () => pick(known)),
      countries: Array.from({ length: named }, () => pick(countries)),
      percent,
    })),
  }
}

async function measure(name: string, scenario: Scenario): Promise<Figures> {
  const { flags, people } = world(scenario)
  const decider = await deciders[name]?.(flags, people)
  if (decider === undefined) throw new Error(`There is no ${name}`)
  const keys = flags.map(({ key }) => key)
  let on = 0
  let asked = 0
  const one = timed((turn) => {
    const key = keys[turn % keys.length] ?? ''
    asked++
    if (decider.one(key, (turn * 7) % people.length)) on++
  })
  const all = timed((turn) => void decider.all(turn % people.length))
  return { oneNs: one, allNs: all / keys.length, on: on / asked }
}

/** Nanoseconds for each turn, once it runs as fast as it will. */
function timed(turn: (at: number) => void): number {
  const run = (forMs: number): number => {
    const from = process.hrtime.bigint()
    const until = from + BigInt(forMs) * 1_000_000n
    let turns = 0
    let now = from
    while (now < until) {
      for (let at = 0; at < 100; at++) turn(turns++)
      now = process.hrtime.bigint()
    }
    return Number(now - from) / turns
  }
  run(atLeastMs)
  return run(atLeastMs)
}

interface CohortFigures {
  loadedMs: number
  megabytes: number
  decisionNs: number
}

/** One cohort that all flags use, from the text of a snapshot as it arrives or lies on disk. */
function cohort(people: number, flags: number): CohortFigures {
  const units = Array.from({ length: people }, newUnit)
  const named = Array.from({ length: flags }, (_, index) => ({
    ...{ key: `flag-${index}`, listed: [], countries: [], percent: 0 },
  }))
  const text = JSON.stringify(snapshotOf(named, units))
  const asked = units.slice(0, 1_000)
  units.length = 0
  const before = held()
  const from = performance.now()
  const read = validateSnapshot(JSON.parse(text))
  if (!read.ok) throw new Error(read.problem)
  const compiled = compile(read.snapshot)
  const loadedMs = performance.now() - from
  // A provider keeps the snapshot as it came too: it tells what a change touched, and writes it to disk.
  const megabytes = (held() - before) / 1024 / 1024
  const now = new Date()
  const decisionNs = timed((turn) => {
    void decide(compiled, `flag-${turn % flags}`, { targetingKey: asked[turn % 1_000] ?? '' }, now)
  })
  if (read.snapshot.cohorts?.length !== 1) throw new Error('The cohort is gone')
  return { loadedMs, megabytes, decisionNs }
}

function held(): number {
  for (let times = 0; times < 3; times++) globalThis.gc?.()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

async function child<T>(...args: string[]): Promise<T> {
  const started = spawn(process.execPath, ['--expose-gc', '--max-old-space-size=8192', own, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let text = ''
  started.stdout.on('data', (chunk: Buffer) => (text += String(chunk)))
  const code = await new Promise((resolve) => started.once('close', resolve))
  if (code !== 0) throw new Error(`${args.slice(0, 2).join(' ')} ended with ${String(code)}`)
  return JSON.parse(text.trim().split('\n').at(-1) ?? '') as T
}

async function contest(scenario: Scenario, times = rounds): Promise<Map<string, Figures>> {
  const figures = new Map<string, Figures[]>(Object.keys(deciders).map((each) => [each, []]))
  for (let round = 0; round < times; round++) {
    for (const [each, list] of figures) {
      list.push(await child<Figures>('decider', each, JSON.stringify(scenario)))
    }
  }
  return new Map([...figures].map(([each, list]) => [each, { ...middle(list, 'oneNs', 'allNs', 'on') }]))
}

function middle<Name extends string>(list: readonly Record<Name, number>[], ...names: Name[]): Record<Name, number> {
  const of = (name: Name): number =>
    list.map((each) => each[name]).toSorted((one, other) => one - other)[list.length >> 1] ?? 0
  return Object.fromEntries(names.map((name) => [name, of(name)])) as Record<Name, number>
}

function print(title: string, figures: Map<string, Figures>): void {
  console.log(`\n${title}\n`)
  console.log('| in process | one decision | to ours | all flags, each | to ours | let in |')
  console.log('|---|---:|---:|---:|---:|---:|')
  const ours = figures.get('phasegate')
  for (const [each, { oneNs, allNs, on }] of figures) {
    const [byOne, byAll] = [oneNs / (ours?.oneNs ?? 1), allNs / (ours?.allNs ?? 1)].map((ratio) => ratio.toFixed(1))
    console.log(`| ${each} | ${time(oneNs)} | ${byOne} | ${time(allNs)} | ${byAll} | ${(on * 100).toFixed(1)} % |`)
  }
}

function time(ns: number): string {
  return ns < 10_000 ? `${Math.round(ns)} ns` : `${(ns / 1000).toFixed(1)} µs`
}

async function bench(): Promise<void> {
  print('100 flags: 50 ids, or 5 countries, or a sticky quarter', await contest(hundredFlags))
  print('One flag with 100,000 invited ids', await contest(manyInvited))
  console.log('\n| invited people in one cohort of 50 flags | loaded | memory | a decision |\n|---:|---:|---:|---:|')
  for (const people of [1_000, 10_000, 100_000, 1_000_000]) {
    const figures: CohortFigures[] = []
    for (let round = 0; round < rounds; round++)
      figures.push(await child<CohortFigures>('cohort', String(people), '50'))
    const { loadedMs, megabytes, decisionNs } = middle(figures, 'loadedMs', 'megabytes', 'decisionNs')
    console.log(
      `| ${people.toLocaleString('en')} | ${loadedMs.toFixed(0)} ms | ${megabytes.toFixed(1)} MB | ${time(decisionNs)} |`,
    )
  }
  console.log(
    '\n| flags | one decision | all flags, each | flagd-core, one | flagd-core, all, each |\n|---:|---:|---:|---:|---:|',
  )
  for (const flags of [1, 10, 100, 1_000]) {
    const scenario = JSON.stringify({ ...hundredFlags, flags })
    const [ours, flagd] = [
      await child<Figures>('decider', 'phasegate', scenario),
      await child<Figures>('decider', 'flagd-core', scenario),
    ]
    console.log(
      `| ${flags} | ${time(ours.oneNs)} | ${time(ours.allNs)} | ${time(flagd.oneNs)} | ${time(flagd.allNs)} |`,
    )
  }
}
