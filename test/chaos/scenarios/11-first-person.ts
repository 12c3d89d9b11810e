import pg from 'pg'
import { send } from '../beta.ts'
import { linkForTheFirst } from '../door.ts'
import { embeddedOf } from '../events.ts'
import { aDatabase, instancesOn } from '../fleet.ts'
import { plantIn, type Figure, type Installation, type Scenario } from '../scenario.ts'

const rounds = 4
const atOnce = 50
const plants: Record<string, string> = {
  'a link that was used is as good as new': 'reusable-links.ts',
  'nobody looks whether there is an owner': 'unseen-owner.ts',
}

/** Whoever starts an installation has to own it, and nobody who reads the same terminal a moment later. */
export const scenario: Scenario = {
  promise: 11,
  title: 'The link for the first person makes one owner',
  reach: `${atOnce} at once with the link that was printed, in ${rounds} installations, in half of them with the links of two instances: one owner and one session each, nobody later, 0 errors`,
  plants: Object.keys(plants),
  async run(stage, plant) {
    const fault = plantIn(plants, plant)
    const seen = { owners: 0, sessions: 0, later: 0, errors: 0 }
    for (let round = 0; round < rounds; round++) {
      const databaseUrl = round % 2 === 0 ? null : await aDatabase(stage)
      const instances =
        databaseUrl === null ? [await stage.start(fault)] : await instancesOn(stage, databaseUrl, [fault, fault])
      const links = await Promise.all(instances.map(linkForTheFirst))
      const pressed = await Promise.all(
        Array.from({ length: atOnce }, (_, n) => press(links[n % links.length] ?? '', `person${n}@example.org`)),
      )
      const later = await Promise.all(links.map((link) => press(link, 'late@example.org')))
      const { owners, sessions } = await countedBy(databaseUrl ?? embeddedOf(instances[0] as Installation))
      if (owners !== 1) seen.owners++
      if (sessions !== 1 || pressed.filter((status) => status === 303).length !== 1) seen.sessions++
      seen.later += later.filter((status) => status === 303).length
      seen.errors += [...pressed, ...later].filter((status) => status === 0 || status >= 500).length
    }
    return { rounds, figures: figuresOf(seen) }
  },
}

function figuresOf(seen: Record<'owners' | 'sessions' | 'later' | 'errors', number>): Figure[] {
  const figure = (says: string, value: number) => ({ says, value, unit: '', holds: value === 0 })
  return [
    figure('installations with no owner, or more than one', seen.owners),
    figure('installations that let in nobody, or more than one', seen.sessions),
    figure('people let in later by a link', seen.later),
    figure('answers with 5xx, or none', seen.errors),
  ]
}

/** The status; one whose link is out of use gets 410, or has to wait. */
function press(link: string, email: string): Promise<number> {
  return send(new URL(link), { form: { name: 'A. Example', email, password: '' } }).then(
    ({ status }) => status,
    () => 0,
  )
}

async function countedBy(database: string | pg.ClientConfig): Promise<{ owners: number; sessions: number }> {
  const client = new pg.Client(database)
  await client.connect()
  try {
    const { rows } = await client.query<{ owners: number; sessions: number }>(`
      select (select count(*)::int from account where installation = 'owner') as owners,
        (select count(*)::int from session) as sessions`)
    return rows[0] ?? { owners: 0, sessions: 0 }
  } finally {
    await client.end()
  }
}
