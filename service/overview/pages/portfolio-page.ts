import { ownerNavigation } from '../../platform/index.ts'
import {
  box,
  button,
  emptyState,
  html,
  link,
  miniTrack,
  section,
  dataTable,
  teamPage,
  type Html,
} from '../../platform/html/index.ts'
import type { GateSummary } from '../../gates/index.ts'
import { allPhases, phaseOf, type Service } from '../../services/index.ts'
import { isDriven } from '../visitors.ts'

export interface PortfolioRow {
  service: Service
  peopleIn: number
  taken: number
  cap: number | null
  halted: boolean
  completion: string
  gate: GateSummary | null
}

export interface PortfolioView {
  account: { name: string; role: string; href: string }
  rows: PortfolioRow[]
  mayAdd: boolean
  notices: number
  hasMails: boolean
}

/** Every service that one has a part in, and what each needs. */
export function portfolioPage({ account, rows, mayAdd, notices, hasMails }: PortfolioView): Html {
  const add = mayAdd && button({ text: 'Add your service', href: '/services/new', kind: 'secondary' })
  return teamPage(
    {
      title: 'Your services',
      lede:
        notices > 0
          ? html`${link(notices === 1 ? 'One notice' : `${notices} notices`, '/notices')} for you.`
          : undefined,
      aside: add,
      top: { account },
      navigation: account.role === 'owner' ? ownerNavigation('services') : [],
      footer: [
        ...(hasMails ? [{ text: 'Mails', href: '/mails' }] : []),
        { text: 'API', href: '/api/v1/openapi.json' },
        { text: 'State', href: '/ready' },
      ],
    },
    html`${rows.some(({ service }) => isDriven(service)) && tourInvitation()}
    ${rows.length === 0 ? nothingYet(mayAdd) : servicesTable(rows)}`,
  )
}

function tourInvitation(): Html {
  return section(
    { title: 'New here?' },
    html`<p class="govuk-body">${link('Take the tour', '/tour')}: five steps, about ten minutes, with the example below.</p>`,
  )
}

function nothingYet(mayAdd: boolean): Html {
  return mayAdd
    ? emptyState({
        title: 'No service yet',
        text: 'Two addresses are enough: the new service, and the one that people use today.',
        action: button({ text: 'Add your service', href: '/services/new' }),
        level: 2,
      })
    : emptyState({
        title: 'You have no part in a service yet',
        text: 'Ask its service manager to add you to the team. Then it appears here.',
        level: 2,
      })
}

function servicesTable(rows: PortfolioRow[]): Html {
  const phases = allPhases().filter(({ ceiling }) => ceiling !== 'closed')
  const gates = phases.flatMap(({ ceiling }, index) => (ceiling === 'invited' || ceiling === 'open' ? [index] : []))
  return box(
    dataTable({
      caption: 'Services',
      hideCaption: true,
      head: [
        { text: 'Service', wide: true },
        { text: 'Phase' },
        { text: 'Who is in' },
        { text: 'Completion rate' },
        { text: 'Next gate' },
      ],
      rows: rows.map(({ service, peopleIn, taken, cap, halted, completion, gate }) => [
        html`<a class="govuk-link" href="/services/${service.key}"><b>${service.name}</b></a>${service.example && html`<span class="pg-sub">Example data</span>`}`,
        html`${miniTrack({ phases: phases.length, at: phases.findIndex(({ id }) => id === service.phase), gates, halted })}<span class="pg-sub">${halted ? 'Halted' : phaseOf(service).name}</span>`,
        html`${peopleIn.toLocaleString('en-GB')}${cap !== null && html`<span class="pg-sub">${taken === peopleIn ? '' : `${taken.toLocaleString('en-GB')} `}of ${cap.toLocaleString('en-GB')} places</span>`}`,
        completion,
        gate === null
          ? 'None ahead'
          : html`<a class="govuk-link" href="${gate.gate.href}">${gate.counts.met} of ${gate.criteria} met</a>${gate.againstData > 0 && html`<span class="pg-sub">${gate.againstData} against the data</span>`}`,
      ]),
    }),
  )
}
