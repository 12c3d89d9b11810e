import type { ApiKey, Problem } from '../../platform/index.ts'
import {
  actions,
  button,
  dataTable,
  html,
  liveRegion,
  input,
  radios,
  select,
  textarea,
  type Html,
} from '../../platform/html/index.ts'
import { keysSection } from './keys-section.ts'
import { doorNames, type Service } from '../service.ts'
import type { WalkPage } from '../store.ts'
import { phaseOf } from '../phases.ts'

export interface SettingsView {
  service: Service
  url: string | null
  mayEdit: boolean
  mayMove: boolean
  mayHook: boolean
  keys: ApiKey[]
  newSecret: string | null
  walk: { open: boolean; pages: WalkPage[]; url: string | null; canWalk: boolean }
  problems: Problem[]
  values: Record<string, string>
}

export function settingsContent(view: SettingsView): Html {
  return html`${addressSection(view)} ${journeySection(view)} ${keysSection({ ...view, timeZone: view.service.timeZone, home: `/services/${view.service.key}/settings/keys` })}
  ${view.mayHook && hooksSection(view)}
  ${view.service.example && removeSection(view)}`
}

const ownerOnly = 'Only an owner of the installation can point it at another site'

function addressSection({ service, url, mayEdit, mayMove, problems, values }: SettingsView): Html {
  const typed = {
    name: service.name,
    summary: service.summary,
    newUrl: service.newUrl,
    currentUrl: service.currentUrl ?? '',
    host: service.host ?? '',
    contact: service.contact,
    timeZone: service.timeZone,
    door: service.door,
    ...values,
  }
  return html`<section class="pg-panel">
    <h2 class="govuk-heading-m">The service</h2>
    ${url !== null && html`<p class="govuk-body">People reach it at <a class="govuk-link" href="${url}">${url}</a>. Its phase is ${phaseOf(service).name.toLowerCase()}: ${phaseOf(service).opensTo.toLowerCase()}. <a class="govuk-link" href="/services/${service.key}/setup">What has been seen of it so far</a></p>`}
    ${service.door === 'link' && html`<p class="govuk-body">Its door is <a class="govuk-link" href="/go/${service.key}">/go/${service.key}</a>: declared, not enforced.</p>`}
    <form method="post" action="/services/${service.key}/settings" novalidate>
      ${input({ name: 'name', label: 'Name', problems, values: typed })}
      ${textarea({ name: 'summary', label: 'What the beta is, for the people you invite', hint: 'Stands on the invitation', rows: 3, problems, values: typed })}
      ${input({ name: 'newUrl', label: 'Address of the new service', hint: mayMove ? undefined : ownerOnly, type: 'url', problems, values: typed })}
      ${input({ name: 'currentUrl', label: 'Address of the current service', hint: `Leave it empty where the new service replaces nothing: people then see a holding page${mayMove ? '' : `. ${ownerOnly}`}`, type: 'url', problems, values: typed })}
      ${input({ name: 'host', label: 'Host name at the gateway', hint: 'Such as beta.example.org. Empty means the gateway’s own address', problems, values: typed })}
      ${input({ name: 'contact', label: 'Whom people can ask', hint: 'A phone number, an address or a page', problems, values: typed })}
      ${input({ name: 'timeZone', label: 'Time zone', hint: 'For days, months and caps', problems, values: typed })}
      ${radios({ name: 'door', legend: 'How the service stands behind Phasegate', items: Object.entries(doorNames).map(([value, text]) => ({ value, text })), problems, values: typed })}
      ${mayEdit ? button({ text: 'Save' }) : html`<p class="pg-meta">Your role can read this. The service manager, product and developers can change it.</p>`}
    </form>
  </section>`
}

function journeySection({ service, mayEdit, walk, problems, values }: SettingsView): Html {
  const journey = service.journeys[0]
  return html`<section class="pg-panel" id="journey">
    <h2 class="govuk-heading-m">The journey</h2>
    <p class="govuk-body">
      Where it starts, its steps and every ending, as addresses. The gateway measures from these, in both services
      alike.
    </p>
    ${journey === undefined && html`<p class="govuk-body">Nothing is marked yet, so nothing is measured. Walk the journey once, or write the paths below.</p>`}
    ${journey !== undefined && journeyTable(service)} ${walkSection(service, walk)}
    ${mayEdit && journeyForm(service, problems, values)}
  </section>`
}

function journeyTable(service: Service): Html {
  return dataTable({
    caption: 'Marked points',
    hideCaption: true,
    head: [{ text: 'Name' }, { text: 'Point' }, { text: 'Addresses' }],
    rows: service.journeys.flatMap((journey) => [
      [journey.name, 'Start', code(journey.start.patterns)],
      ...journey.steps.map((step) => [step.name, 'Step', code(step.patterns)]),
      ...journey.endings.map((end) => [end.name, endingNames[end.outcome], code(end.patterns)]),
    ]),
  })
}

const endingNames = { completed: 'Ending: completed', refused: 'Ending: refused', failed: 'Error page' }

const code = (patterns: readonly string[]): Html =>
  html`${patterns.map((pattern) => html`<code>${pattern}</code><br />`)}`

/** Marks as one goes: each page seen gets a choice; saving makes the journey. */
function walkSection(service: Service, walk: SettingsView['walk']): Html {
  const home = `/services/${service.key}/settings`
  if (!walk.canWalk) return html``
  const start = (words: string) =>
    html`<form method="post" action="${home}/walk">${button({ text: words, kind: 'secondary' })}</form>`
  if (!walk.open) {
    return html`<h3 class="govuk-heading-s">Walk it in the browser</h3>
      <p class="govuk-body">
        Go through the service once, in either version. The pages you see appear here for you to mark.
      </p>
      ${start('Walk the journey')}`
  }
  return html`<h3 class="govuk-heading-s">Walk it in the browser</h3>
    ${walk.url !== null && html`<p class="govuk-body"><a class="govuk-link" href="${walk.url}" target="_blank" rel="noopener">Open the service in a new tab</a> and go through it.</p>`}
    ${liveRegion('walk', walk.pages.length === 0 ? html`<p class="govuk-body">No page yet. Pages you see appear here.</p>` : markForm(home, walk.pages))}
    ${actions(
      walk.url === null && start('Walk the journey again'),
      html`<form method="post" action="${home}/walk/end">${button({ text: 'Stop walking', kind: 'secondary' })}</form>`,
    )}`
}

function markForm(home: string, pages: WalkPage[]): Html {
  return html`<form method="post" action="${home}/journey/marked">
    ${distinct(pages).map((page, index) => markRow(page, index))} ${button({ text: 'Save as the journey' })}
  </form>`
}

/** What was seen, a line for each method and path. */
export function distinct(pages: readonly WalkPage[]): WalkPage[] {
  return [...new Map(pages.map((page) => [`${page.method} ${page.path}`, page])).values()]
}

function markRow(page: WalkPage, index: number): Html {
  const pattern = page.method === 'GET' ? page.path : `${page.method} ${page.path}`
  return html`<div class="pg-mark-row">
    <input type="hidden" name="pattern-${index}" value="${pattern}" />
    ${select({
      name: `kind-${index}`,
      label: html`<code>${pattern}</code> ${page.title}
        <span class="pg-meta">${page.arm === 'new' ? 'new service' : 'current service'}, ${page.status}</span>`,
      items: [
        { value: '', text: 'Not part of it' },
        { value: 'start', text: 'Start' },
        { value: 'step', text: 'Step' },
        { value: 'completed', text: 'Ending: completed' },
        { value: 'refused', text: 'Ending: refused, such as not eligible' },
        { value: 'failed', text: 'Error page' },
      ],
    })}
    ${input({ name: `name-${index}`, label: 'Called', value: page.title === '' ? page.path : page.title })}
  </div>`
}

function journeyForm(service: Service, problems: Problem[], values: Record<string, string>): Html {
  const journey = service.journeys[0]
  const lines = (patterns: readonly string[] | undefined) => (patterns ?? []).join('\n')
  const typed = {
    start: lines(journey?.start.patterns),
    steps: (journey?.steps ?? []).map((step) => `${step.name}: ${step.patterns.join(' , ')}`).join('\n'),
    completed: endingLines(journey, 'completed'),
    refused: endingLines(journey, 'refused'),
    failed: endingLines(journey, 'failed'),
    ...values,
  }
  return html`<h3 class="govuk-heading-s">Or write the addresses</h3>
    <p class="govuk-body">
      One point a line, as <code>Name: /path</code>. <code>*</code> stands for one part of a path, <code>**</code> for
      the rest; several paths are separated by commas; <code>POST /path</code> means a form that was sent.
    </p>
    <form method="post" action="/services/${service.key}/settings/journey" novalidate>
      ${textarea({ name: 'start', label: 'Start', rows: 2, problems, values: typed })}
      ${textarea({ name: 'steps', label: 'Steps', rows: 6, problems, values: typed })}
      ${textarea({ name: 'completed', label: 'Endings where the service did its job', rows: 2, problems, values: typed })}
      ${textarea({ name: 'refused', label: 'Endings that refuse, such as “not eligible” or “sold out”', rows: 2, problems, values: typed })}
      ${textarea({ name: 'failed', label: 'Error pages', rows: 2, problems, values: typed })}
      ${button({ text: 'Save the journey', kind: 'secondary' })}
    </form>`
}

function endingLines(journey: Service['journeys'][number] | undefined, outcome: string): string {
  return (journey?.endings ?? [])
    .filter((ending) => ending.outcome === outcome)
    .map((ending) => `${ending.name}: ${ending.patterns.join(' , ')}`)
    .join('\n')
}

function hooksSection({ service }: SettingsView): Html {
  return html`<section class="pg-panel" id="webhooks">
    <h2 class="govuk-heading-m">Webhooks</h2>
    <p class="govuk-body">
      <a class="govuk-link" href="/services/${service.key}/webhooks">Webhooks</a> tell other systems, or a chat, what
      happens here: a halt, a phase that moved, a deployment.
    </p>
  </section>`
}

function removeSection({ service }: SettingsView): Html {
  return html`<section class="pg-panel">
    <h2 class="govuk-heading-m">Example data</h2>
    <p class="govuk-body">
      This service is an example. Removing it takes its people, figures, feedback and verdicts with it. Your own
      services stay.
    </p>
    <form method="post" action="/services/${service.key}/remove">
      ${button({ text: 'Remove the example', kind: 'warning' })}
    </form>
  </section>`
}
