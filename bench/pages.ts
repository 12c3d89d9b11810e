import { startApp } from '../test/support/app.ts'

/** `npm run bench -- pages [events]`: the pages of a team over many events, against one scan of the same events. */
const wanted = Number(process.argv[2] ?? 1_000_000)
const rounds = 40
const app = await startApp()
await app.aService()
const manager = await app.signIn('service-manager', 'permit')
const now = app.clock.now().getTime()

const perBatch = 1_000
console.log(`Writing ${wanted.toLocaleString('en-GB')} events through the API …`)
for (let sent = 0; sent < wanted; sent += perBatch * 8) {
  await Promise.all(Array.from({ length: 8 }, (_, lane) => send(sent / 3 + (lane * perBatch) / 3)))
}

async function send(from: number): Promise<void> {
  const events: object[] = []
  for (let n = 0; events.length + 3 <= perBatch; n++) {
    const number = Math.floor(from) + n
    const transaction = `t${number}`
    const at = now - (number % (28 * 1440)) * 60_000 - 600_000
    const about = { service: 'permit', journey: 'apply', transaction, arm: number % 4 === 0 ? 'new' : 'current' }
    const time = (later: number) => new Date(at + later * 60_000).toISOString()
    events.push({ id: `${transaction}-1`, time: time(0), name: 'start', ...about })
    events.push({ id: `${transaction}-2`, time: time(2), name: 'step', step: 'address', ...about })
    if (number % 5 !== 0)
      events.push({ id: `${transaction}-3`, time: time(4), name: 'end', step: 'done', outcome: 'completed', ...about })
  }
  const answer = await app.asAdmin.api('POST', '/api/v1/events', { events })
  if (answer.status !== 200) throw new Error(answer.text)
}

const rows: string[] = []
const scan = await times(
  5,
  async () => void (await app.database.pool.query("select arm, count(*) from event where name = 'start' group by arm")),
)
rows.push(`| one scan of the events, for comparison | ${scan.p50} ms | ${scan.p95} ms |`)
for (const path of ['', '/measures', '/admission', '/feedback', '/gate', '/history', '/setup']) {
  const found = await times(rounds, async () => {
    const { status } = await manager.get(`/services/permit${path}`)
    if (status !== 200) throw new Error(`${path} answered ${status}`)
  })
  rows.push(`| \`/services/permit${path}\` | ${found.p50} ms | ${found.p95} ms |`)
}
console.log(`\n| page at ${wanted.toLocaleString('en-GB')} events | p50 | p95 |\n|---|---|---|\n${rows.join('\n')}`)
await app.close()
process.exit(0)

async function times(n: number, work: () => Promise<void>): Promise<{ p50: string; p95: string }> {
  await work()
  const taken: number[] = []
  for (let i = 0; i < n; i++) {
    const began = performance.now()
    await work()
    taken.push(performance.now() - began)
  }
  taken.sort((a, b) => a - b)
  const at = (share: number) => (taken[Math.min(taken.length - 1, Math.floor(share * taken.length))] ?? 0).toFixed(0)
  return { p50: at(0.5), p95: at(0.95) }
}
