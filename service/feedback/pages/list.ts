import {
  actions,
  box,
  button,
  dataTable,
  details,
  emptyState,
  facts,
  form,
  html,
  inline,
  input,
  link,
  liveRegion,
  meta,
  moment,
  pagination,
  quoteList,
  section,
  select,
  split,
  state,
  type Html,
  type Tone,
} from '../../platform/html/index.ts'
import { momentWords, shortDateWords } from '../../platform/index.ts'
import type { Journey } from '../../services/index.ts'
import {
  armNames,
  feedbackStates,
  kindNames,
  kinds,
  ratingNames,
  ratings,
  stateNames,
  type Feedback,
  type FeedbackArm,
  type FeedbackState,
} from '../feedback.ts'
import type { EndingAsked, FeedbackSummary } from '../reads.ts'
import type { Filter } from '../store.ts'

export const perPage = 25

export interface ListView {
  home: string
  timeZone: string
  items: Feedback[]
  total: number
  page: number
  filter: Filter
  summary: FeedbackSummary
  journeys: Journey[]
  endings: string[]
  asked: EndingAsked[]
  /** Those that people can answer from. */
  arms: readonly FeedbackArm[]
  now: Date
}

export const stateTones: Record<FeedbackState, Tone> = {
  new: 'data',
  read: 'watch',
  answered: 'quiet',
  closed: 'quiet',
  spam: 'stop',
}

/** How many comments ended in a decision, in one sentence. */
export function decidedSentence({ comments, decided, open, oldestOpenAt }: FeedbackSummary, now: Date): string {
  if (comments === 0) return 'No comments yet. They arrive from every end point, and from the link on every page.'
  const share = `${decided} of ${comments} comments ended in a decision (${Math.round((100 * decided) / comments)}%).`
  if (open === 0 || oldestOpenAt === null) return `${share} None is waiting.`
  const days = Math.floor((now.getTime() - oldestOpenAt.getTime()) / 86_400_000)
  const age = days < 1 ? 'less than a day' : days === 1 ? '1 day' : `${days} days`
  return `${share} ${open === 1 ? 'One waits' : `${open} wait`}, the oldest for ${age}.`
}

export function listContent(view: ListView): Html {
  return html`${split('7-5', answers(view), endPoints(view))}`
}

function answers(view: ListView): Html {
  const { items, total, page, summary } = view
  const words = total === 1 ? '1 answer' : `${total.toLocaleString('en-GB')} answers`
  const content =
    items.length === 0
      ? emptyState({
          title: isFiltered(view.filter) ? 'No answer fits these filters' : 'Nobody has said anything yet',
          text: isFiltered(view.filter)
            ? 'Take a filter away, or search for another word.'
            : 'The question appears at every end point, and the link on every page. Answer it once yourself to see one here.',
          action: isFiltered(view.filter) && link('Show all feedback', view.home),
        })
      : quoteList(items.map((item) => quote(item, view)))
  return section(
    {
      title: words,
      id: 'answers',
      aside: html`${link('Download as CSV', `${view.home}.csv${queryOf(view.filter, 1)}`)}`,
    },
    html`${filters(view)}${liveRegion('feedback-news', summary.spam > 0 && spamLine(summary.spam, view.home), { announce: true })}
    ${liveRegion('feedback-list', content)} ${pages(view, page, Math.ceil(total / perPage))}`,
  )
}

function spamLine(spam: number, home: string): Html {
  const held = spam === 1 ? 'One answer is held as spam.' : `${spam} answers are held as spam.`
  return meta(html`${held} Nothing is thrown away: ${link('look at it', `${home}?state=spam`, { hidden: 'as spam' })}.`)
}

function quote(item: Feedback, { home, timeZone, journeys }: ListView) {
  const href = `${home}/${item.reference}`
  const at = momentWords(item.receivedAt, timeZone)
  const ending = endingName(journeys, item)
  return {
    id: item.reference,
    score: item.rating,
    text: item.comment === null ? null : item.comment.length > 400 ? `${item.comment.slice(0, 400)}…` : item.comment,
    meta: html`${link(item.reference, href)} ·
    ${moment(item.receivedAt, at)}${ending !== null && ` · ${ending}`}${
      item.kind !== null && ` · ${kindNames[item.kind]}`
    }${item.assignee !== null && ` · with ${item.assignee.name}`}`,
    tags: [
      ...(item.arm === null ? [] : [{ words: armNames[item.arm] }]),
      ...(item.accessibility ? [{ words: 'Access', tone: 'watch' as const }] : []),
      { words: stateNames[item.state], tone: stateTones[item.state] },
    ],
    actions: item.decision !== null && item.comment !== null && html`<p class="pg-meta">Decision: ${item.decision}</p>`,
  }
}

export function endingName(journeys: readonly Journey[], item: Pick<Feedback, 'journey' | 'ending'>): string | null {
  if (item.ending === null) return null
  const journey = journeys.find(({ id }) => id === item.journey)
  return journey?.endings.find(({ id }) => id === item.ending)?.name ?? item.ending
}

/** Closed on arrival, so that on a phone the answers come first. */
function filters({ home, filter, endings, journeys, arms }: ListView): Html {
  const any = { value: '', text: 'Any' }
  const known = journeys.flatMap((journey) => journey.endings)
  const nameOf = (id: string) => known.find((ending) => ending.id === id)?.name ?? id
  const fields = inline(
    input({ name: 'search', type: 'search', label: 'Words or reference number', value: filter.search ?? '' }),
    select({
      name: 'state',
      label: 'State',
      value: filter.state ?? '',
      items: [
        { value: '', text: 'All but spam' },
        { value: 'open', text: 'Waiting for a decision' },
        ...feedbackStates.map((value) => ({ value, text: stateNames[value] })),
      ],
    }),
    select({
      name: 'rating',
      label: 'Answer',
      value: filter.rating === undefined ? '' : String(filter.rating),
      items: [any, ...ratings.map((value) => ({ value: String(value), text: ratingNames[value] }))],
    }),
    select({
      name: 'arm',
      label: 'Service',
      value: filter.arm ?? '',
      items: [any, ...arms.map((value) => ({ value, text: armNames[value] }))],
    }),
    select({
      name: 'ending',
      label: 'End point',
      value: filter.ending ?? '',
      items: [any, ...endings.map((value) => ({ value, text: nameOf(value) }))],
    }),
    select({
      name: 'kind',
      label: 'Kind',
      value: filter.kind ?? '',
      items: [any, ...kinds.map((value) => ({ value, text: kindNames[value] }))],
    }),
    select({
      name: 'accessibility',
      label: 'Access',
      value: filter.accessibility === true ? 'true' : '',
      items: [any, { value: 'true', text: 'About access' }],
    }),
  )
  const clear = isFiltered(filter) && link('Clear', home, { hidden: 'all filters' })
  return details(
    { summary: 'Search and filter', open: isFiltered(filter) },
    form(
      { action: home, method: 'get' },
      html`${fields}${actions(button({ text: 'Show', kind: 'secondary' }), clear)}`,
    ),
  )
}

/** FEED-13: where people are asked, and where they are not. */
function endPoints({ home, journeys, asked, arms, timeZone }: ListView): Html {
  const rows = journeys.flatMap((journey) =>
    journey.endings.map((ending) => {
      const seen = asked.filter((each) => each.journey === journey.id && each.ending === ending.id)
      const cell = (arm: FeedbackArm) =>
        askedCell(
          seen.find((each) => each.arm === arm),
          timeZone,
        )
      return [ending.name, ...arms.map(cell)]
    }),
  )
  return section(
    {
      title: 'Where people are asked',
      aside: link('Seen from outside', home.replace(/feedback$/, 'inspections')),
      id: 'end-points',
      lede: 'End points with and without the question, and the answers given on them, in the last 30 days. Asking only where all went well flatters.',
      live: true,
    },
    rows.length === 0
      ? box(facts([{ name: 'End points', value: 'None marked yet' }]))
      : box(
          dataTable({
            caption: 'End points with and without the question',
            hideCaption: true,
            head: [{ text: 'End point' }, ...arms.map((arm) => ({ text: armNames[arm] }))],
            rows,
          }),
        ),
  )
}

function askedCell(seen: EndingAsked | undefined, timeZone: string): Html {
  if (seen === undefined) return state('not-started', 'Not reached')
  const answers = seen.answers === 1 ? '1 answer' : `${seen.answers.toLocaleString('en-GB')} answers`
  if (seen.askedAt === null && seen.answersByQuestion === 0) {
    const byApi = seen.answers > 0 && html`<br /><span class="pg-sub">${answers} by the API</span>`
    return html`${seen.servedAt === null ? state('not-started', 'Not reached') : state('fails', 'Does not ask')}${byApi}`
  }
  const when = seen.askedAt && shortDateWords(seen.askedAt, timeZone)
  return html`${state('evidenced', 'Asks')}<br /><span class="pg-sub">${answers}${when !== null && `, last shown ${when}`}</span>`
}

function pages({ home, filter }: ListView, page: number, last: number): Html | false {
  if (last < 2) return false
  const href = (to: number) => `${home}${queryOf(filter, to)}`
  return pagination({
    previous: page > 1 ? { href: href(page - 1), labelText: `${page - 1} of ${last}` } : undefined,
    next: page < last ? { href: href(page + 1), labelText: `${page + 1} of ${last}` } : undefined,
  })
}

function queryOf(filter: Filter, page: number): string {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(filter))
    if (value !== undefined && value !== '') query.set(name, String(value))
  if (page > 1) query.set('page', String(page))
  const text = query.toString()
  return text === '' ? '' : `?${text}`
}

function isFiltered(filter: Filter): boolean {
  return queryOf(filter, 1) !== ''
}
