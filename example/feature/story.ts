import { createApi, each } from '../api.ts'
import { journey } from './journey.ts'
import { deskKey, featureKey } from './site.ts'
import { daysOf, others } from './usage.ts'

/** The team of forty, as far as this feature needs them. */
export const people = {
  manager: { name: 'A. Example', email: 'a.example@desk.example', role: 'service-manager' },
  product: { name: 'B. Example', email: 'b.example@desk.example', role: 'product' },
  builder: { name: 'C. Example', email: 'c.example@desk.example', role: 'developer' },
  support: { name: 'D. Example', email: 'd.example@desk.example', role: 'support' },
  growth: { name: 'E. Example', email: 'e.example@desk.example', role: 'growth' },
  designer: { name: 'F. Example', email: 'f.example@desk.example', role: 'designer' },
} as const
type Colleague = keyof typeof people

/** The three customer accounts of the beta: who passes the link on, to how many, and how many of them accepted. */
export const accounts = [
  { name: 'Harbour Bakery', contact: 'mia@harbour-bakery.example', people: 16, accepted: 12 },
  { name: 'Green Corner', contact: 'lena@green-corner.example', people: 10, accepted: 7 },
  { name: 'Print Works', contact: 'omar@print-works.example', people: 24, accepted: 14 },
] as const

const dayMs = 86_400_000
const service = `/api/v1/services/${deskKey}`
const feature = `${service}/features/${featureKey}`

export interface StoryParts {
  url: string
  adminKey: string
  now: Date
  appUrl: string
}

/** Forty days of one feature: built, soaked, and now in its beta, before the gate to everybody. */
export async function writeFeatureStory({ url, adminKey, now, appUrl }: StoryParts): Promise<void> {
  const api = createApi(url, adminKey)
  const ago = (days: number): Date => new Date(now.getTime() - days * dayMs)
  const day = (days: number): string => ago(days).toISOString().slice(0, 10)
  const by = (who: Colleague, days: number) => ({ at: ago(days), as: people[who].email })
  const post = (path: string, body: unknown, who: Colleague, days: number) =>
    api.call('POST', `${feature}/${path}`, body, by(who, days))
  const said = (gate: string, criterion: string, reason: string, who: Colleague, days: number) =>
    post(`gates/${gate}/criteria/${criterion}/verdict`, { verdict: 'met', reason }, who, days)
  const decided = (gate: string, reason: string, who: Colleague, days: number) =>
    post(`gates/${gate}/decision`, { outcome: 'go', reason }, who, days)

  await api.call(
    'POST',
    '/api/v1/services',
    {
      key: deskKey,
      name: 'Desk',
      summary: 'The inbox of a small company: everybody sees what came in and who answers.',
      newUrl: appUrl,
      currentUrl: null,
      contact: 'support@desk.example',
      phase: 'live',
      example: true,
      journeys: [journey],
    },
    { at: ago(400) },
  )
  for (const person of Object.values(people)) await api.call('POST', `${service}/team`, person, { at: ago(399) })
  const ids = await idsOf(api)
  await api.call(
    'POST',
    `${service}/features`,
    {
      kind: 'release',
      key: featureKey,
      name: 'Messages by customer',
      description: 'All messages of one customer stand together, so that two people do not answer the same one.',
      forClients: true,
    },
    by('builder', 40),
  )
  await post(
    'planning-records',
    { talkedOn: day(40), note: 'With Growth and Support, in the planning week: a beta with three accounts' },
    'builder',
    40,
  )

  const first = 'development-to-internal-release'
  const { id: viewer } = await post('previews', { viewer: people.product.email }, 'builder', 32)
  await post(
    `previews/${String(viewer)}/verdict`,
    { verdict: 'yes', comment: 'That is what the bakery asked for' },
    'builder',
    31,
  )
  await said(first, 'preview-tried', 'Product tried it on the real inbox', 'product', 31)
  await said(first, 'documentation-told', 'Told on the day that the branch was opened', 'builder', 31)
  await decided(first, 'Small enough to read in one sitting, and tried', 'builder', 30)
  await api.call('PUT', `${feature}/switch`, { on: true, reason: 'For everybody at Desk' }, by('growth', 30))
  await post(
    'announcements',
    { body: 'Your own inbox shows messages by customer now. Tell us what is in the way.', publicOn: day(-7) },
    'builder',
    30,
  )

  const { id: test } = await post(
    'testers',
    { tester: ids.designer, task: 'Answer two messages of one customer on a phone' },
    'support',
    29,
  )
  await post(
    `testers/${String(test)}/result`,
    { result: 'works', note: 'The second message was easy to find' },
    'designer',
    28,
  )
  const second = 'internal-release-to-beta-release'
  await said(second, 'no-major-bug', 'Two small ones, both mended', 'builder', 26)
  await said(second, 'as-expected', 'It is what we drew', 'product', 26)
  await said(second, 'improves-product', 'Nobody wants the old list back', 'support', 26)
  await post(
    'beta-decision',
    {
      takes: 'yes',
      reasons: ['large-change', 'much-demanded'],
      reason: 'It changes how a team reads its inbox, and three accounts asked for it',
      growth: ids.growth,
      support: ids.support,
    },
    'product',
    26,
  )
  await post('beta-request', { note: 'Ready for the three accounts that asked for it' }, 'builder', 25)
  await post('beta-acknowledgements', { role: 'growth' }, 'growth', 25)
  await post('beta-acknowledgements', { role: 'support' }, 'support', 24)
  await decided(second, 'Three accounts, for a month', 'growth', 24)

  const accepted = await inviteAccounts(api, ago)
  const beta = {
    pool: 'customers',
    accounts: accounts.map(({ name }) => name),
    changes: 'All messages of one customer stand together in your inbox',
    reason: 'The three that asked',
  }
  await api.call('PUT', `${feature}/beta`, beta, by('growth', 23))
  const welcome = 'Tell us what gets in your way, and what you would miss if it went again.'
  await api.call('PUT', `${feature}/room`, { welcome, builder: ids.developer }, by('builder', 23))
  await writeUnknowns(api, ago)
  await writeFeedback(api, ago)
  await writeUsage(api, now, accepted)

  const third = 'beta-release-to-public-release'
  await said(third, 'works-as-intended', 'No bug was found for ten days', 'builder', 3)
  await post(`gates/${third}/sign-offs`, { role: 'support', note: 'Help pages are written' }, 'support', 2)
}

type Api = ReturnType<typeof createApi>

async function idsOf(api: Api): Promise<Record<string, string>> {
  const { members } = (await api.call('GET', `${service}/team`)) as { members: { accountId: string; role: string }[] }
  return Object.fromEntries(members.map(({ role, accountId }) => [role, accountId]))
}

/** One link for each account, which its contact passes on: whoever of it accepts gets the feature. */
async function inviteAccounts(api: Api, ago: (days: number) => Date): Promise<string[]> {
  const ofAccounts = accounts.map(async ({ name, contact, people: most, accepted }) => {
    const wanted = { name, address: contact, people: most }
    const { link } = (await api.call('POST', `${service}/customers`, wanted, { at: ago(23) })) as { link: string }
    const accept = `/edge/${deskKey}/account/${link.slice(link.lastIndexOf('/') + 1)}/accept`
    const units: string[] = []
    for (let person = 0; person < accepted; person++) {
      const admitted = await api.press(accept, { nonce: `${name} ${person}` }, { at: ago(22 - person) })
      units.push(admitted.get('x-phasegate-admit')?.split('.')[1] ?? '')
    }
    return units
  })
  return (await Promise.all(ofAccounts)).flat()
}

const mostEvents = 1_000

/** The last day of those who accepted and of others, whom the beta leaves alone. */
async function writeUsage(api: Api, now: Date, accepted: string[]): Promise<void> {
  const all = daysOf(now, { with: accepted, without: others() })
  const events = all.flatMap((day) => day.events)
  const batches = Array.from({ length: Math.ceil(events.length / mostEvents) }, (_, index) =>
    events.slice(index * mostEvents, (index + 1) * mostEvents),
  )
  const answers = all.flatMap(({ answer }) => answer ?? [])
  await Promise.all([
    each(batches, 1, async (batch) => {
      const { refused } = (await api.call('POST', '/api/v1/events', { events: batch })) as { refused: unknown[] }
      if (refused.length > 0) throw new Error(`${refused.length} events were refused: ${JSON.stringify(refused[0])}`)
    }),
    each(answers, 8, async (answer) => void (await api.call('POST', '/api/v1/feedback', answer))),
  ])
}

/** What the beta has to teach; the last is the open question, which a customer asked too. */
const unknowns = [
  {
    asked: 23,
    question: 'Do people look for one customer, or for the newest message?',
    answered: 15,
    answer: 'For the customer, in eight of ten sessions.',
  },
  {
    asked: 23,
    question: 'Is it still quick where one customer has sent a thousand messages?',
    answered: 12,
    answer: 'Yes: 0.3 seconds, measured at Print Works.',
  },
  {
    asked: 4,
    question: 'What should happen to a message that two customers sent together?',
    answered: 0,
    answer: null,
  },
] as const

async function writeUnknowns(api: Api, ago: (days: number) => Date): Promise<void> {
  const builder = (days: number) => ({ at: ago(days), as: people.builder.email })
  for (const { asked, question, answered, answer } of unknowns) {
    const { id } = await api.call('POST', `${feature}/unknowns`, { question }, builder(asked))
    if (answer !== null) await api.call('PUT', `${feature}/unknowns/${String(id)}`, { answer }, builder(answered))
  }
}

/** The last of them asks the open question: nobody has answered it yet. */
const comments = [
  { days: 18, kind: 'experience', comment: 'We no longer answer the same customer twice.', answer: 'Good to hear.' },
  {
    days: 11,
    kind: 'suggestion',
    comment: 'Let me see who is writing an answer.',
    answer: 'It is on our list for spring.',
  },
  { days: 4, kind: 'suggestion', comment: 'What happens to a message that two customers sent together?', answer: null },
] as const

async function writeFeedback(api: Api, ago: (days: number) => Date): Promise<void> {
  for (const { days, kind, comment, answer } of comments) {
    const sent = { service: deskKey, kind, comment, time: ago(days).toISOString() }
    const { reference } = await api.call('POST', '/api/v1/feedback', sent)
    if (answer === null) continue
    const decision = { state: 'answered', decision: answer }
    const told = { at: ago(days - 1), as: people.support.email }
    await api.call('PATCH', `${service}/feedback/${String(reference)}`, decision, told)
  }
}
