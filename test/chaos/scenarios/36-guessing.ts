import pg from 'pg'
import { send, type Answered } from '../beta.ts'
import { linkForTheFirst } from '../door.ts'
import { embeddedOf } from '../events.ts'
import { plantIn, type Figure, type Installation, type Scenario, type Stage } from '../scenario.ts'

const tries = 500
const people = 100
const flood = 1_000
const senders = 100
const mostDifference = 10
/** Free tries of one network, and those that were under way when they were used up. */
const mostLookedAt = 60
const believing = 'whatever a client says of where it comes from is believed'
const plants: Record<string, string> = { 'an address without an account is answered at once': 'hasty-refusal.ts' }

/** Whoever guesses must not get on by being many, and must not learn by the clock who has an account. */
export const scenario: Scenario = {
  promise: 36,
  title: 'Guesses are slowed however they are dressed, and their answers tell nothing',
  reach: `${tries} tries to sign in and ${tries} asked links each with an account and without: the same answers, times within ${mostDifference} %; of ${flood} tries under ${senders} forged addresses at most ${mostLookedAt} looked at, the rest 429 with Retry-After`,
  plants: [...Object.keys(plants), believing],
  async run(stage, plant) {
    const figures: Figure[] = []
    if (plant !== believing) figures.push(...(await whatAnswersTell(stage, plantIn(plants, plant))))
    figures.push(...(await howFloodsEnd(stage, plant === believing)))
    return { rounds: 4 * tries + flood, figures }
  },
}

/** Each try comes from a network of its own, by a proxy that is trusted: none of them is slowed. */
async function whatAnswersTell(stage: Stage, fault: { preload?: string }): Promise<Figure[]> {
  const installation = await stage.start({ ...fault, env: { TRUSTED_PROXIES: '127.0.0.1' } })
  await anInstallationOf(installation)
  const bySignIn = await comparison(installation, '/sign-in', { password: 'not the right password' })
  const byLink = await comparison(installation, '/sign-in/link', {})
  const within = (says: string, value: number) => ({ says, value, unit: '%', holds: value <= mostDifference })
  const others = bySignIn.others + byLink.others
  return [
    within('median time to sign in, with an account against without', bySignIn.difference),
    within('median time to ask for a link, with an account against without', byLink.difference),
    { says: 'pairs of answers that differ', value: others, unit: '', holds: others === 0 },
  ]
}

/** The first person with a password, and many others who have the same. */
async function anInstallationOf(installation: Installation): Promise<void> {
  const form = { name: 'A. Example', email: 'first@example.org', password: 'long enough to be taken 1' }
  const { status } = await send(new URL(await linkForTheFirst(installation)), { form })
  if (status !== 303) throw new Error(`The first person came not in: ${status}`)
  const client = new pg.Client(embeddedOf(installation))
  await client.connect()
  await client.query(
    `insert into account (email, name, installation, password_hash, created_at)
      select 'person' || n || '@example.org', 'Person', 'member', password_hash, created_at
      from account, generate_series(0, $1::int - 1) as n where email = 'first@example.org'`,
    [people],
  )
  await client.end()
}

async function comparison(installation: Installation, path: string, more: Record<string, string>) {
  const took = { known: [] as number[], unknown: [] as number[] }
  let others = 0
  const ask = async (kind: 'known' | 'unknown', n: number): Promise<Answered> => {
    const email = kind === 'known' ? `person${n % people}@example.org` : `nobody${n % people}@example.org`
    const from = `10.${kind === 'known' ? 1 : 2}${path.length % 10}.${n >> 8}.${n & 255}`
    const began = performance.now()
    const answer = await send(new URL(path, installation.url), {
      form: { email, ...more },
      headers: { 'x-forwarded-for': from },
    })
    took[kind].push(performance.now() - began)
    return { ...answer, text: answer.text.replaceAll(email, '') }
  }
  for (let n = 0; n < tries; n++) {
    // Who comes first would else be the one who finds the processor warm, or cold.
    const order = n % 2 === 0 ? (['known', 'unknown'] as const) : (['unknown', 'known'] as const)
    const [one, other] = [await ask(order[0], n), await ask(order[1], n)]
    if (one.status !== other.status || one.text !== other.text || one.status === 429) others++
  }
  const [known, unknown] = [median(took.known), median(took.unknown)]
  return { difference: (Math.abs(known - unknown) / unknown) * 100, others }
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
}

/** One sender who says to be a hundred, to an installation that stands behind no proxy. */
async function howFloodsEnd(stage: Stage, isBelieved: boolean): Promise<Figure[]> {
  const installation = await stage.start(isBelieved ? { env: { TRUSTED_PROXIES: '127.0.0.1' } } : {})
  let lookedAt = 0
  let untold = 0
  for (let from = 0; from < flood; from += 20) {
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        send(new URL('/sign-in', installation.url), {
          form: { email: `person${from + index}@example.org`, password: 'a guess of somebody' },
          headers: { 'x-forwarded-for': `10.9.${(from + index) % senders}.1` },
        }),
      ),
    )
    for (const { status, headers } of answers) {
      if (status !== 429) lookedAt++
      else if (headers['retry-after'] === undefined) untold++
    }
  }
  return [
    { says: `of ${flood} tries looked at`, value: lookedAt, unit: '', holds: lookedAt <= mostLookedAt },
    { says: 'refusals without Retry-After', value: untold, unit: '', holds: untold === 0 },
  ]
}
