import { momentWords } from '../../platform/index.ts'
import {
  actions,
  box,
  button,
  dataTable,
  details,
  emptyState,
  form,
  hidden,
  html,
  liveRegion,
  moment,
  section,
  split,
  state,
  type Html,
  type Mark,
} from '../../platform/html/index.ts'
import type { Examination } from '../doctor/doctor.ts'
import type { Finding, Severity } from '../doctor/finding.ts'
import type { LabelAt } from '../label.ts'
import type { BannerProbe } from '../store.ts'

export interface InspectionsView {
  home: string
  timeZone: string
  /** What the banner should say; null where the phase shows none. */
  label: string | null
  probes: BannerProbe[]
  labels: LabelAt[]
  /** Is there a gateway to look through, and may this person ask for a look? */
  canLook: boolean
  applications: { which: 'new' | 'current'; name: string; url: string }[]
  examined: { name: string; examination: Examination } | null
}

export function inspectionsContent(view: InspectionsView): Html {
  return split('half', html`${bannerSection(view)}`, html`${doctorSection(view)}`)
}

const outcomes: Record<BannerProbe['outcome'], { mark: Mark; words: string }> = {
  seen: { mark: 'passes', words: 'Seen' },
  missing: { mark: 'fails', words: 'No banner' },
  'other-label': { mark: 'fails', words: 'Another label' },
  'not-reached': { mark: 'not-started', words: 'Not reached' },
}

function bannerSection(view: InspectionsView): Html {
  const { home, timeZone, label, probes, canLook } = view
  const rows = probes.map(({ page, outcome, detail, probedAt }) => [
    page,
    html`${state(outcomes[outcome].mark, outcomes[outcome].words)}<br /><span class="pg-sub">${detail}</span>`,
    moment(probedAt, momentWords(probedAt, timeZone)),
  ])
  const table = dataTable({
    caption: 'Addresses that the probe asked for',
    hideCaption: true,
    head: [{ text: 'Page' }, { text: 'Label', wide: true }, { text: 'Read' }],
    rows,
  })
  const nothing =
    label === null
      ? emptyState({ title: 'No label in this phase', text: 'Nothing is expected, and nothing is looked for.' })
      : emptyState({
          title: 'Not looked yet',
          text: 'A probe reads the journey pages through the gateway every five minutes, once the journey is marked.',
        })
  const look =
    canLook && label !== null && form({ action: `${home}/banner` }, button({ text: 'Look now', kind: 'secondary' }))
  const lede =
    label === null
      ? undefined
      : `People of the new service should see “${label}” on every page. A probe reads what a plain visit reaches; of the other pages the gateway knows from real visits.`
  const probed = details({ summary: 'What the probe read' }, html`${table}`)
  return section(
    { title: 'Phase label', lede },
    html`${liveRegion('labels-seen', rows.length === 0 ? nothing : html`${box(labelTable(view))}${probed}`)} ${look}`,
  )
}

const verdicts: Record<LabelAt['verdict'], { mark: Mark; words: string }> = {
  seen: { mark: 'passes', words: 'Seen' },
  missing: { mark: 'fails', words: 'Missing' },
  'not-reached': { mark: 'not-started', words: 'Not reached' },
}

function labelTable({ labels, timeZone }: InspectionsView): Html {
  const known = { probe: 'by the probe', visit: 'in a real visit' }
  const when = (at: Date) => momentWords(at, timeZone)
  return dataTable({
    caption: 'Points of the journey and the label on them',
    hideCaption: true,
    head: [{ text: 'Page', wide: true }, { text: 'Label' }],
    rows: labels.map(({ name, verdict, by, at }) => [
      name,
      html`${state(verdicts[verdict].mark, verdicts[verdict].words)}${
        by !== null && at !== null && html`<br /><span class="pg-sub">${known[by]}, ${moment(at, when(at))}</span>`
      }`,
    ]),
  })
}

const severities: Record<Severity, { mark: Mark; words: string }> = {
  breaks: { mark: 'not-met', words: 'Would break' },
  note: { mark: 'warning', words: 'Worth knowing' },
  handled: { mark: 'evidenced', words: 'The gateway sees to it' },
  fine: { mark: 'seen', words: 'Nothing to do' },
}
const order: Severity[] = ['breaks', 'note', 'handled', 'fine']

function doctorSection({ home, canLook, applications, examined }: InspectionsView): Html {
  const buttons = applications.map(({ which, name }) =>
    form(
      { action: `${home}/doctor` },
      html`${hidden('which', which)}${button({ text: `Look at the ${name}`, kind: 'secondary' })}`,
    ),
  )
  return section(
    {
      title: 'Behind the gateway',
      id: 'doctor',
      lede: 'What of an application would break behind a gateway, and what to do. The same as “phasegate doctor”.',
    },
    html`${canLook && actions(...buttons)} ${examined !== null && report(examined)}`,
  )
}

function report({ name, examination }: { name: string; examination: Examination }): Html {
  const { findings, pages, url } = examination
  const broken = findings.filter(({ severity }) => severity === 'breaks').length
  const line = ({ check, severity, says, whatToDo }: Finding): Html =>
    html`<li class="pg-crit">
      <p>${state(severities[severity].mark, severities[severity].words)} <b>${check}</b></p>
      <p class="govuk-body">${says}</p>
      ${whatToDo !== undefined && html`<p class="pg-meta">${whatToDo}</p>`}
    </li>`
  return html`<h3 class="govuk-heading-s" id="report">
      ${broken === 0 ? `Nothing of the ${name} would break` : `${broken} to put right in the ${name}`}
    </h3>
    <p class="pg-meta">${url}, ${pages === 1 ? '1 answer' : `${pages} answers`} looked at</p>
    <ul class="pg-crits">
      ${order.flatMap((severity) => findings.filter((finding) => finding.severity === severity).map(line))}
    </ul>`
}
