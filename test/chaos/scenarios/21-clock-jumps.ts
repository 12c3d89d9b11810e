import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { aBeta, accept, passOf, send, type Beta } from '../beta.ts'
import { aDatabase } from '../fleet.ts'
import { watchJobs } from '../job-log.ts'
import { CannotBeTried, plantIn, type Scenario, type Stage } from '../scenario.ts'

const library = ['/usr/lib/x86_64-linux-gnu', '/usr/lib/aarch64-linux-gnu', '/usr/lib'].map((folder) =>
  join(folder, 'faketime', 'libfaketimeMT.so.1'),
)
const jumps = [
  { says: '+2 days', offset: '+2d', isIn: true },
  { says: '-1 hour', offset: '-1h', isIn: true },
  { says: '+200 days', offset: '+200d', isIn: false },
] as const
const plants: Record<string, string> = { 'passes and sessions never end': 'no-end.ts' }

/** A machine that wakes up, a wrong time server: the clock of the service jumps while it runs; the database's does not. */
export const scenario: Scenario = {
  promise: 21,
  title: 'A clock that jumps lets nobody in twice, and nothing lives for ever or dies at once',
  reach: `the clock ${jumps.map(({ says }) => says).join(', ')} while running: passes and sessions live and end as they should, a used link stays used, each job runs once`,
  plants: Object.keys(plants),
  async run(stage, plant) {
    const preloaded = library.find((path) => existsSync(path))
    if (preloaded === undefined) throw new CannotBeTried('libfaketime is not here (Debian: apt-get install faketime)')
    const clock = join(await stage.folder('clock'), 'offset')
    await writeFile(clock, '+0')
    const databaseUrl = await aDatabase(stage)
    const installation = await stage.start({
      ...plantIn(plants, plant),
      env: {
        ...{ DATABASE_URL: databaseUrl, PHASEGATE_DRAIN_SECONDS: '0', LD_PRELOAD: preloaded },
        ...{ FAKETIME_TIMESTAMP_FILE: clock, FAKETIME_NO_CACHE: '1', FAKETIME_DONT_FAKE_MONOTONIC: '1' },
      },
    })
    const jobs = await watchJobs(stage, databaseUrl, { mail: 30, 'admission-current-services': 60 })
    const beta = await aBeta(stage, installation)
    const [link = ''] = await beta.invite(['person@example.org'])
    const pass = passOf(await accept(link, 'the form'))
    const seen = { passes: 0, sessions: 0, twice: 0, deaths: 0 }
    for (const { says, offset, isIn } of jumps) {
      stage.say(`the clock jumps: ${says}`)
      await writeFile(clock, offset)
      await pause(4_000)
      if (((await beta.served(pass)) === 'new') !== isIn) seen.passes++
      if ((await isSignedIn(beta)) !== isIn) seen.sessions++
      if ((await accept(link, 'another form')).status === 303) seen.twice++
      if ((await send(new URL('/health', installation.url), {})).status !== 200) seen.deaths++
    }
    await watchALittle(stage)
    const [tooSoon, taken] = [await jobs.tooSoon(), await beta.taken()]
    const figure = (says: string, value: number) => ({ says, value, unit: '', holds: value === 0 })
    return {
      rounds: jumps.length,
      figures: [
        figure('jumps after which the pass did not hold, or held for ever', seen.passes),
        figure('jumps after which the session did not hold, or held for ever', seen.sessions),
        figure('jumps after which the used link let somebody in', seen.twice + Math.abs(taken - 1)),
        figure('jumps after which it did not answer', seen.deaths),
        figure('runs of jobs that came too soon', tooSoon),
      ],
    }
  },
}

async function isSignedIn(beta: Beta): Promise<boolean> {
  const { status } = await beta.look('/account')
  return status === 200
}

async function watchALittle(stage: Stage): Promise<void> {
  stage.say('watching the recurring jobs for 40 s')
  await pause(40_000)
}
