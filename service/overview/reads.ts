import { admissionSummaries, admissionSummary, haltOf, haltsOfEach, type AdmissionSummary } from '../admission/index.ts'
import { feedbackSummary, latestFeedback, ratingNames, armNames, type Feedback } from '../feedback/index.ts'
import { gateSummaries, gateSummary, ofService, playbookOf, type GateSummary } from '../gates/index.ts'
import {
  comparisonTable,
  figureOfEach,
  figureStrip,
  lastDays,
  measuresSummary,
  periodWords,
  setupSeen,
  type FigureReading,
  type MeasuresSummary,
} from '../measures/index.ts'
import { html, type Quote, type TodoItem } from '../platform/html/index.ts'
import { askedOf, type Asked } from '../stages/index.ts'
import { allServices, ceilingOf, elsewhereOf, phaseHistory, type GatewayFile, type Service } from '../services/index.ts'
import {
  yearlessMomentWords,
  timeWords,
  history,
  historyItem,
  serviceIdsOf,
  shortDateWords,
  type Context,
} from '../platform/index.ts'
import type { OverviewView } from './pages/overview-page.ts'
import type { PortfolioRow } from './pages/portfolio-page.ts'
import type { SetupFacts } from './pages/setup-page.ts'
import { trackOf } from './track.ts'
import { driveOf, isDriven } from './visitors.ts'

const periodDays = 28
const shownFigures = ['completion-rate', 'satisfaction', 'completion-time', 'error-rate']

/** Everything of the service's page, read at once. */
export async function readOverview(ctx: Context, service: Service, gateway: GatewayFile | null): Promise<OverviewView> {
  const now = ctx.clock.now()
  const period = lastDays(periodDays, now, service.timeZone)
  const { actor } = ctx
  const [door, halt, measures, feedback, latest, gate, playbook, moves, recent, asked] = await Promise.all([
    admissionSummary(ctx.db, service, now),
    haltOf(ctx.db, service.id),
    measuresSummary(ctx.db, service, period),
    feedbackSummary(ctx.db, service.id),
    latestFeedback(ctx.db, service.id, 4),
    gateSummary(ctx.db, now, ofService(service)),
    playbookOf(ctx.db, ofService(service)),
    phaseHistory(ctx.db, service.id),
    history(ctx.db, service.id, { limit: 6 }),
    actor.kind === 'account' ? askedOf(ctx.db, service, actor.accountId) : [],
  ])
  const home = `/services/${service.key}`
  const gates = playbook.gates.map(({ id, from, to }) => ({ from, to, href: `${home}/gates/${id}` }))
  return {
    home,
    track: trackOf({ service, moves, gate, gates, now, halted: halt !== null }),
    halted:
      halt === null
        ? null
        : `Everybody is sent to ${elsewhereOf(service)} since ${yearlessMomentWords(halt.at, service.timeZone)}, by ${halt.by}${halt.reason === '' ? '' : `: ${halt.reason}`}.`,
    todo: todoOf(service, { door, gate, openFeedback: feedback.open, asked }),
    door: doorView(door),
    period: `${periodWords(period, service.timeZone)}. Bar: 95% interval. Post: target.`,
    figures: figureStrip(measures, service, shownFigures),
    hasCurrent: service.currentUrl !== null,
    comparison: hasBoth(measures) ? comparisonTable(measures) : null,
    feedback: { latest: latest.map((item) => quoteOf(item, service)), total: feedback.received, open: feedback.open },
    happened: recent.map((row) => ({
      ...historyItem(row, service.timeZone),
      when: shortWhen(row.at, now, service.timeZone),
    })),
    example: isDriven(service) ? { drive: driveOf(service.id), url: gateway?.urlOf(service) ?? null } : null,
  }
}

function hasBoth({ facts }: MeasuresSummary): boolean {
  return facts.new.counts.starts > 0 && facts.current.counts.starts > 0
}

/** Of today the time, of other days the day. */
function shortWhen(at: Date, now: Date, timeZone: string): string {
  const day = (date: Date) => shortDateWords(date, timeZone)
  return day(at) === day(now) ? timeWords(at, timeZone) : day(at)
}

function doorView(door: AdmissionSummary): OverviewView['door'] {
  const percent = `${door.share / 1000}%`
  return {
    peopleIn: door.peopleIn,
    cap: door.places.cap,
    taken: door.places.taken,
    held: door.places.held,
    invited: door.funnel.invited,
    accepted: door.funnel.accepted,
    active: door.active,
    wentBack: door.wentBack,
    share: `Share of everyone else: ${percent}.`,
    shareSays: door.shareCounts ? 'A larger share only adds people.' : 'The phase admits invited people only.',
  }
}

function quoteOf(item: Feedback, service: Service): Quote {
  const ending = service.journeys.flatMap(({ endings }) => endings).find(({ id }) => id === item.ending)
  const where = ending?.name ?? item.ending ?? item.page ?? 'Any page'
  const arm = item.arm === null ? '' : `, ${armNames[item.arm].toLowerCase()}`
  return {
    score: item.rating,
    text: html`${item.comment ?? (item.rating === null ? '' : ratingNames[item.rating])}`,
    meta: html`<a class="govuk-link" href="/services/${service.key}/feedback/${item.reference}">${where}</a>${arm}, ${yearlessMomentWords(item.receivedAt, service.timeZone)}`,
  }
}

interface Waiting {
  door: AdmissionSummary
  gate: GateSummary | null
  openFeedback: number
  asked: readonly Asked[]
}

/** What waits for somebody, the most urgent first: what the one who looks is asked, disagreements, people, then what is missing at the gate. */
function todoOf(service: Service, { door, gate, openFeedback, asked }: Waiting): TodoItem[] {
  const home = `/services/${service.key}`
  const differing = (gate?.differs ?? []).slice(0, 2).map(({ criterion }) => ({
    title: `Data and team disagree on “${criterion.title}”`,
    href: `${gate?.gate.href ?? home}/criteria/${criterion.id}`,
    text: 'One of the two needs to move before the gate.',
  }))
  const items: TodoItem[] = [...asked.slice(0, 3), ...differing]
  if (service.journeys.length === 0) {
    items.push({
      title: 'Mark the journey',
      href: `${home}/setup`,
      text: 'Until start and endings are known, nothing is measured.',
    })
  }
  const { cap, taken, held } = door.places
  if (cap !== null && held > 0 && taken + held >= cap) {
    items.push({
      title: held === 1 ? 'An open invitation holds the last place' : `${held} open invitations hold the last places`,
      href: `${home}/admission`,
      text: 'Raise the cap, revoke some, or wait: expired invitations free their places.',
    })
  }
  if (door.funnel.invited === 0 && taken === 0 && ceilingOf(service.phase) !== 'everyone')
    items.push({
      title: 'Invite the first person',
      href: `${home}/admission`,
      text: 'A beta begins with somebody in it.',
    })
  if (openFeedback > 0) {
    items.push({
      title:
        openFeedback === 1
          ? 'One piece of feedback waits for a decision'
          : `${openFeedback} pieces of feedback wait for a decision`,
      href: `${home}/feedback?state=new`,
      text: 'Each ends in a decision: change, answer, or leave it, and why.',
    })
  }
  if (gate !== null && gate.gate.standsHere) {
    items.push(
      gate.canOpen
        ? {
            title: `The gate can open: ${gate.gate.name.toLowerCase()}`,
            href: gate.gate.href,
            text: 'Everything it asks for is there. A named person decides.',
          }
        : {
            title:
              gate.missing === 1 ? 'One thing stands before the gate' : `${gate.missing} things stand before the gate`,
            href: gate.gate.href,
            text: gate.gate.name,
          },
    )
  }
  return items.slice(0, 5)
}

/** The services that one has a part in; an owner sees all of them. */
export async function readPortfolio(ctx: Context): Promise<PortfolioRow[]> {
  const { actor, db } = ctx
  const now = ctx.clock.now()
  const all = await allServices(db)
  const own = actor.kind === 'account' ? new Set(await serviceIdsOf(db, actor.accountId)) : new Set<string>()
  const seesAll = actor.kind === 'account' && actor.installation === 'owner'
  const mine = all.filter(({ id }) => seesAll || own.has(id))
  const ids = mine.map(({ id }) => id)
  const subjects = mine.map(ofService)
  // Asked once for all of them: the page takes as many questions for thirty services as for three.
  const [doors, halts, gates, completion] = await Promise.all([
    admissionSummaries(db, mine, now),
    haltsOfEach(db, ids),
    gateSummaries(db, now, subjects),
    figureOfEach(db, mine, { kpi: 'completion-rate', days: periodDays, now }),
  ])
  return subjects.flatMap((subject) => {
    const { service } = subject
    const door = doors.get(service.id)
    // Removed a moment ago.
    if (door === undefined) return []
    return {
      service,
      peopleIn: door.peopleIn,
      taken: door.places.taken,
      cap: door.places.cap,
      halted: (halts.get(service.id) ?? []).length > 0,
      completion: completionWords(completion.get(service.id)),
      gate: gates.get(subject) ?? null,
    }
  })
}

function completionWords(reading: FigureReading | undefined): string {
  if (reading?.kind === 'value') {
    return `${reading.value.toFixed(1)}%, from ${reading.n.toLocaleString('en-GB')} starts`
  }
  return reading?.kind === 'too-few' ? 'Too few' : 'No data'
}

export async function readSetup(ctx: Context, service: Service): Promise<SetupFacts> {
  const [seen, door] = await Promise.all([
    setupSeen(ctx.db, service.id),
    admissionSummary(ctx.db, service, ctx.clock.now()),
  ])
  return { ...seen, invited: door.funnel.invited, accepted: door.funnel.accepted }
}
