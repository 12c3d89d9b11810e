import { setTimeout as pause } from 'node:timers/promises'
import { openDatabase } from '../service/platform/index.ts'
import { startApp } from '../test/support/app.ts'
import { seedApplicants } from './applicants.ts'

/**
 * `npm run bench -- draw [applicants] [drawn]`: a draw from a waiting list of so many people over HTTP until it is there, and the page
 * on which it is looked at before anything is sent.
 */
const applicants = Number(process.argv[2] ?? 1_000_000)
const drawn = Number(process.argv[3] ?? 50)
const rounds = 5
const app = await startApp()
const { id } = await app.aService({ key: 'listed', phase: 'private-beta' })
const seeding = openDatabase({ ...app.connection, statement_timeout: 0 })
await seedApplicants({ ...app.phasegate.platform, db: seeding.db }, id, applicants)
await seeding.close()

const manager = await app.signIn('service-manager', 'listed')
console.log(
  `\n| ${drawn.toLocaleString('en-GB')} of ${applicants.toLocaleString('en-GB')} | draw, least to most | preview, in the middle |`,
)
console.log('|---|---|---|')
for (const method of ['first-come', 'random', 'stratified']) {
  const draws: number[] = []
  const previews: number[] = []
  for (let round = 0; round < rounds; round++) {
    const begun = performance.now()
    const { status, location } = await manager.post('/services/listed/admission/batches', {
      ...{ name: `Round ${round}`, method, count: String(drawn) },
    })
    if (status !== 303) throw new Error(`${method}: ${status}`)
    for (;;) {
      const asked = performance.now()
      const page = await manager.get(location ?? '')
      if (page.status !== 200) throw new Error(`${method}: ${page.status}`)
      if (page.text.includes('id="preparing"')) {
        await pause(50)
        continue
      }
      draws.push(asked - begun)
      previews.push(performance.now() - asked)
      break
    }
  }
  draws.sort((one, other) => one - other)
  previews.sort((one, other) => one - other)
  const seconds = (ms = 0): string => (ms / 1000).toFixed(1)
  console.log(
    `| ${method} | ${seconds(draws[0])} to ${seconds(draws.at(-1))} s | ${previews[rounds >> 1]?.toFixed(0)} ms |`,
  )
}
console.log(`\nMost memory of the process: ${Math.round(process.resourceUsage().maxRSS / 1024)} MB`)
await app.close()
process.exit(0)
