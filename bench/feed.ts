import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import { aBeta } from '../test/chaos/beta.ts'
import { openStage } from '../test/chaos/stage.ts'

/**
 * `npm run bench -- feed [people]`: how long a change takes to the gateway of a service with so many invited people in, and how
 * long their set takes from the database into decisions. Real processes on loopback; people are written into the ledger.
 */
const people = Number(process.argv[2] ?? 1_000_000)
const rounds = Number(process.env.BENCH_ROUNDS ?? 20)

const stage = openStage((line) => console.error(line))
try {
  const installation = await stage.start()
  const beta = await aBeta(stage, installation, { phase: 'public-beta' })
  const socket = join(installation.dataDirectory, 'postgres', 'socket')
  const pool = new pg.Pool({ host: socket, user: 'phasegate', database: 'phasegate', max: 1 })
  pool.on('error', () => {})
  await pool.query(
    `insert into admission (service_id, unit, rung, at, by_name)
     select s.id, translate(rtrim(encode(uuid_send(gen_random_uuid()), 'base64'), '='), '+/', '-_'), 'invited', now(), 'Bench'
     from service s, generate_series(1, $1::int) where s.key = $2`,
    [people, beta.key],
  )
  await pool.query('vacuum analyze admission')
  const one = await pool.query<{ unit: string }>('select unit from admission order by id limit 1')
  await pool.end()
  const isIn = async (unit: string): Promise<boolean> => {
    const { body } = await installation.api('POST', `/ofrep/v1/evaluate/flags/${beta.key}`, {
      context: { targetingKey: unit },
    })
    return body.value === true
  }
  const from = performance.now()
  await beta.setShare(1)
  while (!(await isIn(one.rows[0]?.unit ?? ''))) await pause(20)
  console.log(
    `\n${people.toLocaleString('en')} invited people: from the database into decisions in ${seconds(performance.now() - from)}`,
  )
  await pause(10_000)

  const share: number[] = []
  const accept: number[] = []
  const halt: number[] = []
  const links = await beta.invite(Array.from({ length: rounds + 1 }, (_, index) => `person${index}@example.org`))
  const pass = await beta.accept(links.pop() ?? '')
  for (const link of links) {
    share.push(
      await timed(
        () => beta.setShare(100),
        async () => (await beta.served('')) === 'new',
      ),
    )
    await pause(1_500)
    await beta.setShare(0)
    await pause(1_500)
    accept.push(await accepted(link))
    await pause(1_500)
    halt.push(
      await timed(
        () => beta.halt(),
        async () => (await beta.served(pass)) === 'current',
      ),
    )
    await beta.resume()
    await pause(1_500)
  }
  console.log('\n| a change among them, until it decides | p50 | p99 |\n|---|---:|---:|')
  console.log(`| share, at the gateway | ${both(share)} |`)
  console.log(`| somebody accepted, over OFREP | ${both(accept)} |`)
  console.log(`| halt, at the gateway | ${both(halt)} |`)

  /** From the answer to the form until the unit decides without its pass. */
  async function accepted(link: string): Promise<number> {
    const cookie = await beta.accept(link)
    const unit = cookie.split('.')[3] ?? ''
    return timed(
      async () => {},
      () => isIn(unit),
    )
  }
} finally {
  await stage.end()
}
process.exit(0)

async function timed(act: () => Promise<void>, holds: () => Promise<boolean>): Promise<number> {
  const from = performance.now()
  const acting = act()
  for (;;) {
    const askedAt = performance.now()
    if (await holds()) {
      await acting
      return askedAt - from
    }
    await pause(2)
  }
}

function both(values: number[]): string {
  values.sort((one, other) => one - other)
  const at = (part: number): string =>
    (values[Math.min(values.length - 1, Math.floor(values.length * part))] ?? 0).toFixed(0)
  return `${at(0.5)} ms | ${at(0.99)} ms`
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`
}
