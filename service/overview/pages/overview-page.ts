import {
  box,
  button,
  emptyState,
  haltedBar,
  historyList,
  html,
  inlineForm,
  link,
  liveRegion,
  meter,
  phaseTrack,
  progress,
  quoteList,
  section,
  split,
  statList,
  todoList,
  type HistoryItem,
  type Html,
  type Quote,
  type TodoItem,
  type TrackOptions,
} from '../../platform/html/index.ts'
import type { Drive } from '../visitors.ts'

export interface OverviewView {
  home: string
  track: TrackOptions
  halted: string | null
  todo: TodoItem[]
  door: DoorView
  period: string
  figures: Html
  /** Does it replace a service that people use today? */
  hasCurrent: boolean
  comparison: Html | null
  feedback: { latest: Quote[]; total: number; open: number }
  happened: HistoryItem[]
  example: { drive: Drive | null; url: string | null } | null
}

export interface DoorView {
  peopleIn: number
  cap: number | null
  taken: number
  held: number
  invited: number
  accepted: number
  active: number | null
  wentBack: number
  /** What the share is now, in words: “Share of everyone else: 0%”. */
  share: string
  shareSays: string
}

/** The service on one page: where it stands, who is in, how it does, what people say, what needs somebody. */
export function overviewContent(view: OverviewView): Html {
  const { home } = view
  return html`${liveRegion('halted', view.halted !== null && haltedBar(view.halted), { announce: true })}
  ${liveRegion('track', box(phaseTrack(view.track), { track: true }))}
  ${view.example !== null && exampleSection(home, view.example)}
  ${split(
    '7-5',
    section(
      { title: 'Needs you today' },
      liveRegion('todo', view.todo.length > 0 ? box(todoList(view.todo)) : nothingToDo()),
    ),
    section({ title: 'Who is in' }, liveRegion('door', doorBox(home, view.door))),
  )}
  ${section({ title: 'How it performs', aside: view.period }, liveRegion('figures', box(view.figures, { flush: true })))}
  ${view.hasCurrent ? split('7-5', besideCurrent(view), feedbackSection(view)) : feedbackSection(view)}
  ${section({ title: 'What happened', aside: link('All history', `${home}/history`) }, liveRegion('history', box(historyList(view.happened))))}`
}

function besideCurrent({ comparison }: OverviewView): Html {
  const content = comparison === null ? nothingToCompare() : box(comparison)
  return section({ title: 'Beta beside current service' }, liveRegion('comparison', content))
}

function feedbackSection({ feedback, home }: OverviewView): Html {
  const all = link(`All ${feedback.total.toLocaleString('en-GB')}`, `${home}/feedback`)
  return section({ title: 'Latest feedback', aside: all }, liveRegion('feedback', feedbackBox(feedback, home)))
}

function nothingToDo(): Html {
  return emptyState({ title: 'Nothing needs you', text: 'What waits for a decision of yours appears here.' })
}

function nothingToCompare(): Html {
  return emptyState({
    title: 'Nothing to compare yet',
    text: 'Both services need starts, through the gateway or by events. Comparisons show from 30 starts on each side.',
  })
}

function doorBox(home: string, door: DoorView): Html {
  const { peopleIn, cap, taken, held } = door
  const figure = (cap === null ? peopleIn : taken).toLocaleString('en-GB')
  const places = cap === null ? 'people are in' : `of ${cap.toLocaleString('en-GB')} places taken`
  const label = `${taken} of ${cap ?? taken} places taken, ${held} held by open invitations`
  return box(html`<p class="govuk-body"><b class="pg-figure-l">${figure}</b> ${places}</p>
    ${cap !== null && meter({ value: taken, max: cap, held, label })}
    ${statList([
      { name: 'Invited', value: door.invited.toLocaleString('en-GB') },
      { name: 'Accepted', value: door.accepted.toLocaleString('en-GB'), note: shareOf(door.accepted, door.invited) },
      {
        name: 'Active',
        value: door.active === null ? 'No data' : door.active.toLocaleString('en-GB'),
        note: door.active === null ? null : shareOf(door.active, peopleIn),
      },
      { name: 'Went back', value: door.wentBack.toLocaleString('en-GB'), note: shareOf(door.wentBack, peopleIn) },
    ])}
    <p class="govuk-body"><b>${door.share}</b> ${door.shareSays} ${link('Change who gets in', `${home}/admission`)}</p>`)
}

function shareOf(part: number, whole: number): string | null {
  return whole === 0 ? null : `${((100 * part) / whole).toFixed(1)}%`
}

function feedbackBox({ latest, total, open }: OverviewView['feedback'], home: string): Html {
  if (total === 0)
    return emptyState({
      title: 'Nobody has said anything yet',
      text: 'People are asked at every ending, and can write from every page.',
    })
  return box(
    html`${open > 0 && html`<p class="govuk-body">${link(open === 1 ? '1 waits for a decision' : `${open} wait for a decision`, `${home}/feedback?state=new`)}</p>`}${quoteList(latest)}`,
  )
}

function exampleSection(home: string, { drive, url }: NonNullable<OverviewView['example']>): Html {
  const running = drive !== null && drive.endedAt === null
  const says =
    drive !== null &&
    progress({
      id: 'drive',
      isDone: !running,
      value: drive.progress.sent,
      max: drive.progress.of,
      words: `${drive.progress.sent} of ${drive.progress.of}: ${drive.progress.completed} completed, ${drive.progress.refused} refused, ${drive.progress.failed} met an error, ${drive.progress.left} left. ${drive.progress.arms.new} in the new service, ${drive.progress.arms.current} in the current one.`,
    })
  return section(
    {
      title: 'This is an example',
      aside: html`${link('Take the tour', '/tour')}${url !== null && html` · ${link('Open the service', url)}`}`,
    },
    liveRegion(
      'visitors',
      box(
        html`${!running && inlineForm({ action: `${home}/visitors` }, button({ text: 'Send 50 visitors', kind: 'secondary' }), html`<p class="pg-meta">Through the gateway, as people would come. The figures below follow within a second.</p>`)}${says}`,
      ),
    ),
  )
}
