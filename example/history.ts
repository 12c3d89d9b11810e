import { createApi, each } from './api.ts'
import type { Api } from './api.ts'
import { forecast, loadTests, severeDefects } from './capacity.ts'
import { releases, trafficAround } from './deployments.ts'
import { criteria, decisions, gate, signOffs, team } from './gate-story.ts'
import { groups, steps } from './invited.ts'
import { journey } from './journey.ts'
import { partners, unexpectedUses } from './partners.ts'
import { applications, days, eventsOf } from './story.ts'
import type { Application } from './story.ts'

export interface HistoryParts {
  /** Where Phasegate's API answers. */
  url: string
  adminKey: string
  now: Date
  currentUrl: string
  newUrl: string
  progress?: (step: string) => void
}

export const exampleKey = 'resident-parking-permit'

const service = `/api/v1/services/${exampleKey}`
const dayMs = 86_400_000
const mostEvents = 1_000

interface Telling extends Omit<HistoryParts, 'progress'> {
  api: Api
  ago(days: number, hour?: number): Date
}

/** Writes 47 days of a private beta, and how it came to it, through the public API. */
export async function writeHistory({ progress = () => {}, ...parts }: HistoryParts): Promise<void> {
  const telling: Telling = {
    ...parts,
    api: createApi(parts.url, parts.adminKey),
    // At an hour of the working day, and never later than now.
    ago: (daysAgo, hour = 10) => {
      const midnight = Math.floor(parts.now.getTime() / dayMs) * dayMs - daysAgo * dayMs
      return new Date(Math.min(midnight + hour * 3_600_000, parts.now.getTime() - 60_000))
    },
  }
  progress('the service and its team')
  await writeService(telling)
  progress('who was invited, what people did and what they said')
  const all = applications(parts.now)
  await Promise.all([
    writeInvitations(telling),
    writeEvents(telling, all),
    writeFeedback(telling, all),
    writeReleases(telling),
  ])
  progress('what the team decided')
  await writePartners(telling)
  await writeCapacity(telling)
  await writeGate(telling)
}

async function writeService({ api, ago, currentUrl, newUrl }: Telling): Promise<void> {
  const wanted = {
    key: exampleKey,
    name: 'Apply for a resident parking permit',
    summary: 'People who live in a parking zone get a permit for their street. Replaces the system of 2009.',
    newUrl,
    currentUrl,
    contact: 'Contact centre of Example Council, 01632 960 001',
    phase: 'discovery',
    example: true,
    journeys: [journey],
  }
  await api.call('POST', '/api/v1/services', wanted, { at: ago(days + 126) })
  for (const person of Object.values(team)) await api.call('POST', `${service}/team`, person, { at: ago(days + 125) })
  const move = (to: string, reason: string, at: Date) =>
    api.call('POST', `${service}/phase`, { to, reason, waiver: 'No gate stands between these phases' }, { at })
  await move('prototyping', 'Seven needs, and two ways to meet them that are worth trying', ago(days + 70))
  await move('private-beta', 'Asking for the address first won. It is built for real now', ago(days, 7))
}

/** Group by group: the step that makes the places, then the mails, then who accepted, in the order of their days. */
async function writeInvitations({ api, ago, now }: Telling): Promise<void> {
  const back: { unit: string; at: Date }[] = []
  const planned = { at: ago(days, 9), by: 'manager' } as const
  await api.call('PUT', `${service}/plan`, { steps: steps.map(({ step }) => step) }, planned)
  for (const group of groups()) {
    const sentAt = ago(group.daysAgo, 11)
    const acts = group.people
      .flatMap(({ address, acceptedAfter, wentBackAfter }) =>
        acceptedAfter === null
          ? []
          : [{ address, wentBackAfter, at: new Date(sentAt.getTime() + acceptedAfter * dayMs) }],
      )
      .filter(({ at }) => at < now)
      .toSorted((a, b) => a.at.getTime() - b.at.getTime())
    const position = steps.findIndex(({ daysAgo }) => daysAgo === group.daysAgo)
    const answer = steps[position - 1]?.learned ?? null
    if (answer !== null) await api.call('POST', `${service}/plan/close`, { answer }, { at: sentAt, by: 'manager' })
    if (position >= 0) await api.call('POST', `${service}/plan/start`, {}, { at: sentAt, by: 'manager' })
    const addresses = group.people.map(({ address }) => address)
    const { results } = (await api.call(
      'POST',
      `${service}/invitations`,
      { addresses, cohort: group.name },
      { at: sentAt },
    )) as {
      results: { line: string; link: string }[]
    }
    const tokens = new Map(results.map(({ line, link }) => [line, link.slice(link.lastIndexOf('/') + 1)]))
    for (const { address, at, wentBackAfter } of acts) {
      const accepted = `/edge/${exampleKey}/invitation/${tokens.get(address) ?? ''}/accept`
      const headers = await api.press(accepted, { nonce: address }, { at })
      const unit = headers.get('x-phasegate-admit')?.split('.')[1]
      if (unit !== undefined && wentBackAfter !== null)
        back.push({ unit, at: new Date(at.getTime() + wentBackAfter * dayMs) })
    }
  }
  const reports = back.map(({ unit, at }) => ({
    service: exampleKey,
    unit,
    kind: 'choice',
    value: 'current',
    at: at.toISOString(),
  }))
  await api.call('POST', '/api/v1/gateway/reports', { reports })
}

async function writeReleases({ api, ago }: Telling): Promise<void> {
  for (const release of releases) {
    const { daysAgo, version, changes, leadDays } = release
    const at = ago(daysAgo, 14)
    const committedAt = new Date(at.getTime() - leadDays * dayMs).toISOString()
    const told = { reference: version, version, changes, committedAt, deployedAt: at.toISOString() }
    const { id } = (await api.call('POST', `${service}/deployments`, told, { at, by: 'developer' })) as { id: string }
    const known = { at: new Date(at.getTime() + dayMs), by: 'support' } as const
    await api.call('POST', `${service}/deployments/${id}/acknowledgement`, undefined, known)
    await api.call('POST', '/api/v1/events', { events: trafficAround(release, at, exampleKey) })
  }
}

async function writeEvents({ api }: Telling, all: Application[]): Promise<void> {
  const events = all.flatMap((application) => eventsOf(application, exampleKey, journey.id))
  const batches = Array.from({ length: Math.ceil(events.length / mostEvents) }, (_, index) =>
    events.slice(index * mostEvents, (index + 1) * mostEvents),
  )
  await each(batches, 2, async (batch) => {
    const { refused } = (await api.call('POST', '/api/v1/events', { events: batch })) as { refused: unknown[] }
    if (refused.length > 0) throw new Error(`${refused.length} events were refused: ${JSON.stringify(refused[0])}`)
  })
}

async function writePartners({ api, ago }: Telling): Promise<void> {
  const ids = new Map<string, string>()
  for (const { name, does, said } of partners) {
    const added = { at: ago(44), by: 'manager' } as const
    const { id } = (await api.call('POST', `${service}/partners`, { name, does }, added)) as { id: string }
    ids.set(name, id)
    for (const { daysAgo, by, ...words } of said) {
      const saidOn = ago(daysAgo).toISOString().slice(0, 10)
      await api.call('POST', `${service}/partners/${id}/readiness`, { ...words, saidOn }, { at: ago(daysAgo, 15), by })
    }
  }
  for (const { seen, seenBy, partner, daysAgo, response, by, after } of unexpectedUses) {
    const seenOn = ago(daysAgo).toISOString().slice(0, 10)
    const logged = { seen, seenBy, seenOn, partner: ids.get(partner) }
    const use = await api.call('POST', `${service}/unexpected-uses`, logged, { at: ago(daysAgo, 16), by: 'support' })
    const answered = { at: ago(daysAgo - after, 11), by }
    await api.call('POST', `${service}/unexpected-uses/${String(use.id)}/response`, { response }, answered)
  }
}

async function writeCapacity({ api, ago }: Telling): Promise<void> {
  const tell = (what: string, { daysAgo, ...told }: { daysAgo: number }, more: object = {}) =>
    api.call('POST', `${service}/capacity/${what}`, { ...told, ...more }, { at: ago(daysAgo, 12), by: 'developer' })
  await tell('forecasts', forecast)
  for (const test of loadTests) await tell('load-tests', test, { ranOn: ago(test.daysAgo).toISOString().slice(0, 10) })
  for (const count of severeDefects) await tell('severe-defects', count)
}

/** The comments of the last days wait; the older ones ended in a decision two days after they came. */
async function writeFeedback({ api, now }: Telling, all: Application[]): Promise<void> {
  const rated = all.flatMap(({ feedback, end, ...application }) =>
    feedback && end ? [{ ...application, feedback, ending: end.ending }] : [],
  )
  await each(rated, 8, async ({ feedback, ending, arm, transaction }) => {
    const answer = {
      service: exampleKey,
      id: `example-${transaction}`,
      rating: feedback.rating,
      ...(feedback.comment === null ? {} : { comment: feedback.comment, kind: 'experience' }),
      journey: journey.id,
      ending,
      transaction,
      arm,
      time: feedback.at.toISOString(),
    }
    const { reference } = await api.call('POST', '/api/v1/feedback', answer)
    // What sounds like a barrier is looked at on the same day: it stands before the gate.
    const soon = /screen reader/i.test(feedback.comment ?? '')
    const decidedAt = new Date(
      soon ? Math.min(feedback.at.getTime() + dayMs / 8, now.getTime()) : feedback.at.getTime() + 2 * dayMs,
    )
    if (feedback.comment === null || decidedAt > now) return
    await api.call('PATCH', `${service}/feedback/${String(reference)}`, decisionOn(feedback.comment), {
      at: decidedAt,
      by: 'researcher',
    })
  })
}

function decisionOn(comment: string): { state: string; decision: string } {
  const found = decisions.find(({ about }) => about.test(comment))
  return { state: found?.state ?? 'closed', decision: found?.says ?? 'Read by the team. Nothing to change.' }
}

/** Evidence and verdicts in the order of their days: a verdict rests on what lay there when it was given. */
async function writeGate({ api, ago }: Telling): Promise<void> {
  const at = `${service}/gates/${gate}`
  const acts = criteria.flatMap(({ criterion, evidence, verdict }) => [
    ...evidence.map(({ daysAgo, ...shown }) => ({ daysAgo, hour: 9, criterion, shown, said: null })),
    ...(verdict === null ? [] : [{ daysAgo: verdict.daysAgo, hour: 14, criterion, shown: null, said: verdict }]),
  ])
  for (const { daysAgo, hour, criterion, shown, said } of acts.toSorted(
    (a, b) => b.daysAgo - a.daysAgo || a.hour - b.hour,
  )) {
    const url = `${at}/criteria/${criterion}`
    const when = ago(daysAgo, hour)
    if (shown !== null) {
      const dated = when.toISOString().slice(0, 10)
      await api.call(
        'POST',
        `${url}/evidence`,
        { ...shown, dated, owner: team.product.name },
        { at: when, by: 'product' },
      )
    } else {
      await api.call('POST', `${url}/verdict`, { verdict: said.kind, reason: said.reason }, { at: when, by: said.by })
    }
  }
  for (const { role, by, daysAgo, note } of signOffs) {
    await api.call('POST', `${at}/sign-offs`, { role, note }, { at: ago(daysAgo, 16), by })
  }
}
