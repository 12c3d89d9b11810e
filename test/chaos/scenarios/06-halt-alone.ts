import { spawn } from 'node:child_process'
import { readdirSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { fillDisk, freeDisk, smallDisk } from '../disk.ts'
import { openedService, signInFirst, startArms, visit } from '../door.ts'
import { childrenOf, signal } from '../processes.ts'
import type { Installation, Outcome, Scenario, Stage } from '../scenario.ts'
import { until } from '../../support/until.ts'

const plants: Record<string, string> = {
  'the gateway hears of no halt': 'halts-not-streamed.ts',
  'history forgets': 'history-forgets.ts',
}
const servedLimitMs = 1_000
const recordedLimitMs = 30_000
const command = fileURLToPath(new URL('../../../bin/phasegate.ts', import.meta.url))

interface Setting {
  installation: Installation
  disk: string
  session: string
}

/** What is down, and how it comes back. */
const troubles: Record<string, (setting: Setting) => () => void> = {
  'the database hangs': ({ installation }) => {
    const server = installation.databasePid() ?? 0
    const all = [server, ...childrenOf(server)]
    for (const pid of all) signal(pid, 'SIGSTOP')
    return () => {
      for (const pid of all) signal(pid, 'SIGCONT')
    }
  },
  'the database is gone': ({ installation }) => {
    const home = join(installation.dataDirectory, 'postgres')
    const programs = readdirSync(home).find((name) => name.startsWith('programs-')) ?? ''
    const program = join(home, programs, 'bin', 'postgres')
    renameSync(program, `${program}.gone`)
    signal(installation.databasePid() ?? 0, 'SIGKILL')
    return () => renameSync(`${program}.gone`, program)
  },
  'the disk is full': ({ disk }) => {
    fillDisk(disk, 0)
    return () => freeDisk(disk)
  },
}

/** Ways to halt. Each resolves to when it was sent, or, for a command, when it had said that it is done. */
const ways: Record<string, (setting: Setting, key: string) => Promise<number>> = {
  async page({ installation, session }, key) {
    const at = performance.now()
    const pressed = fetch(`${installation.url}/services/${key}/halt`, {
      method: 'POST',
      redirect: 'manual',
      headers: { cookie: session, 'sec-fetch-site': 'same-origin' },
      body: new URLSearchParams({ reason: 'Tried' }),
      signal: AbortSignal.timeout(10_000),
    })
    pressed.then((answer) => answer.body?.cancel()).catch(() => {})
    return at
  },
  async api({ installation }, key) {
    const at = performance.now()
    installation.api('POST', `/api/v1/services/${key}/halt`, { reason: 'Tried' }).catch(() => {})
    return at
  },
  async command({ installation }, key) {
    await runHalt(key, join(installation.dataDirectory, 'gateway'))
    return performance.now()
  },
}

export const scenario: Scenario = {
  promise: 6,
  title: 'A halt works with everything else down, and is recorded when it is back',
  reach:
    'by page, API and command, with the database hung, gone, the disk full, the service gone: served within 1 s, all recorded, 0 errors to people',
  plants: Object.keys(plants),
  run: tryHalts,
}

async function tryHalts(stage: Stage, plant: string | null): Promise<Outcome> {
  const file = plant === null ? undefined : plants[plant]
  const disk = await smallDisk(stage, 700)
  const arms = await startArms(stage)
  const installation = await stage.start({
    dataDirectory: join(disk, 'data'),
    env: { PHASEGATE_RESERVE_MB: '50', PHASEGATE_BALLAST_MB: '16' },
    ...(file === undefined ? {} : { preload: fileURLToPath(new URL(`../plants/${file}`, import.meta.url)) }),
  })
  const rounds = Object.keys(troubles).flatMap((trouble) => Object.keys(ways).map((way) => ({ trouble, way })))
  const services = []
  for (const [index, round] of rounds.entries())
    services.push({ ...round, key: `s${index}`, ...(await openedService(installation, { key: `s${index}`, arms })) })
  const last = { key: 'alone', ...(await openedService(installation, { key: 'alone', arms })) }
  const setting = { installation, disk, session: await signInFirst(installation) }

  let slowest = 0
  let errors = 0
  for (const { trouble, way, key, host, cookie } of services) {
    const mend = troubles[trouble]?.(setting) ?? (() => {})
    await pause(300)
    const since = (await ways[way]?.(setting, key)) ?? 0
    let arm = 'new'
    while (arm !== 'current' && performance.now() - since < 10_000) {
      arm = (await visit(installation.gatewayUrl, host, cookie)).arm
      if (arm === 'nobody') errors += 1
    }
    const took = performance.now() - since
    stage.say(`${trouble}, halted by ${way}: ${arm === 'current' ? `${Math.round(took)} ms` : 'NOT HALTED'}`)
    slowest = Math.max(slowest, took)
    mend()
    await until(
      'the service is ready again',
      async () => (await installation.api('GET', '/ready')).status === 200,
      40_000,
    )
  }
  const missed = await missedWithServiceGone(stage, installation, last)
  const keys = [...services, last].map(({ key }) => key)
  const unrecorded = await notRecorded(installation, keys)
  return {
    rounds: keys.length,
    figures: [
      {
        says: 'longest until the gateway served the current service',
        value: slowest,
        unit: 'ms',
        holds: slowest <= servedLimitMs,
      },
      {
        says: 'not halted by a gateway that was down when it was asked to',
        value: missed,
        unit: '',
        holds: missed === 0,
      },
      { says: 'halts that history does not have', value: unrecorded, unit: '', holds: unrecorded === 0 },
      { says: 'people who got no answer', value: errors, unit: '', holds: errors === 0 },
    ],
  }
}

/** The service with its gateway is killed; the halt is asked for, and in force from the first answer on when it starts. */
async function missedWithServiceGone(
  stage: Stage,
  installation: Installation,
  { key, host, cookie }: { key: string; host: string; cookie: string },
): Promise<number> {
  await installation.kill('SIGKILL')
  await runHalt(key, join(installation.dataDirectory, 'gateway'))
  let missed = 0
  let over = false
  const watching = (async () => {
    while (!over) {
      const { arm } = await visit(installation.gatewayUrl, host, cookie)
      if (arm === 'new') missed += 1
      await pause(10)
    }
  })()
  await installation.restart()
  const { arm } = await visit(installation.gatewayUrl, host, cookie)
  if (arm !== 'current') missed += 1
  over = true
  await watching
  stage.say(
    `the service is gone, and so is its gateway: ${missed === 0 ? 'halted from its first answer on' : 'NOT HALTED'}`,
  )
  return missed
}

async function runHalt(key: string, state: string): Promise<void> {
  const child = spawn(process.execPath, [command, 'halt', key, '--reason', 'Tried', '--state', state], {
    env: { PATH: process.env.PATH ?? '' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (part: Buffer) => (said += part.toString()))
  const code = await new Promise((resolve) => child.once('close', resolve))
  if (code !== 0) throw new Error(`phasegate halt ended with ${code}: ${said}`)
}

async function notRecorded(installation: Installation, keys: readonly string[]): Promise<number> {
  const missing = new Set(keys)
  const end = performance.now() + recordedLimitMs
  while (missing.size > 0 && performance.now() < end) {
    for (const key of missing) {
      const { status, body } = await installation.api('GET', `/api/v1/services/${key}/history`)
      const entries = status === 200 ? (body as { entries: { action: string }[] }).entries : []
      if (entries.some(({ action }) => action === 'admission.halted')) missing.delete(key)
    }
    await pause(500)
  }
  return missing.size
}
