import {
  actions,
  box,
  button,
  chip,
  dataTable,
  emptyState,
  historyList,
  html,
  inlineForm,
  input,
  link,
  meta,
  moment,
  section,
  type Html,
} from '../../platform/html/index.ts'
import { momentWords, type Problem } from '../../platform/index.ts'
import type { Service } from '../../services/index.ts'
import type { Admission, LedgerEvent } from '../ledger-reads.ts'
import { wayWords } from '../rules.ts'
import { homeOf, number } from './door-parts.ts'

export interface LedgerPage {
  service: Service
  who: string
  /** Of the person asked for; null where nobody is. */
  events: LedgerEvent[] | null
  admissions: Admission[]
  carried: boolean
  /** Nothing comes after these. */
  isWhole: boolean
  maySeePeople: boolean
  problems: Problem[]
}

const keptIn = 'Kept in from an earlier share'

export function ledgerContent(page: LedgerPage): Html {
  const { service, who, events, problems, maySeePeople } = page
  const at = `${homeOf(service)}/ledger`
  const search = box(
    inlineForm(
      { action: at, method: 'get', classes: 'pg-inline--search' },
      input({
        name: 'who',
        label: maySeePeople ? 'Email address or reference' : 'Reference',
        value: who,
        spellcheck: false,
        autocomplete: 'off',
        problems,
      }),
      button({ text: 'Look up', kind: 'secondary' }),
    ),
  )
  return html`${section({ title: 'Look a person up', hideTitle: true, id: 'look-up' }, search)}
  ${events === null ? listOf(page) : personOf(page, events)}`
}

function personOf({ service, who }: LedgerPage, events: LedgerEvent[]): Html {
  if (events.length === 0)
    return section(
      { title: 'In the ledger', id: 'person' },
      emptyState({
        title: 'Nothing is known of this person',
        text: 'Nobody was invited or let in under this address or reference. Check the spelling; a reference has 22 letters.',
        action: link('All admissions', `${homeOf(service)}/ledger`),
      }),
    )
  const items = events.toReversed().map((event) => ({
    at: event.at,
    when: momentWords(event.at, service.timeZone),
    ...saysOf(event),
  }))
  return section(
    { title: 'In the ledger', id: 'person', aside: link('All admissions', `${homeOf(service)}/ledger`) },
    html`${historyList(items)}
    ${meta(html`<a class="govuk-link" href="${homeOf(service)}?who=${encodeURIComponent(who)}#why">Why this person is in or out now</a> · <a class="govuk-link" href="/services/${service.key}/explain?key=${service.key}">Explain an answer with its attributes</a>`)}`,
  )
}

/** As the ledger has it of whoever accepted an invitation of their own. */
const thePerson = 'The person'

function saysOf(event: LedgerEvent): { who: string; what: Html | string; why?: string } {
  switch (event.kind) {
    case 'invited':
      return { who: event.by, what: 'invited this person' }
    case 'let-in':
      return {
        who: 'Let in',
        what: html`${wayWords[event.rung].toLowerCase()}, by ${event.by === thePerson ? 'the person' : event.by}, as <code>${event.unit}</code>`,
      }
    case 'ended':
      return { who: 'The ledger', what: html`this admission ended and its place is free <code>${event.unit}</code>` }
    case 'removed':
      return { who: event.by, what: html`ended the passes of <code>${event.unit}</code>`, why: event.reason }
    case 'removal-lifted':
      return { who: 'The ledger', what: 'the removal was lifted' }
    case 'chose':
      return {
        who: thePerson,
        what: event.value === 'current' ? 'chose the current service' : 'chose the new service',
      }
    case 'device':
      return { who: thePerson, what: `continued on a device: ${event.name}` }
  }
}

function listOf(page: LedgerPage): Html {
  const { service, admissions, carried, isWhole } = page
  const at = `${homeOf(service)}/ledger`
  const other = carried ? link('All admissions', at) : link('Kept in from an earlier share', `${at}?carried=yes`)
  if (admissions.length === 0)
    return section(
      { title: carried ? keptIn : 'Admissions', id: 'admissions', aside: other },
      emptyState(
        carried
          ? { title: 'Nobody is kept in so', text: 'The present share lets in everybody whom the share let in before.' }
          : {
              title: 'Nobody was let in yet',
              text: 'Whoever accepts an invitation or is let in another way stands here from then on.',
              action: link('Invite people', `${homeOf(service)}#invite`),
            },
      ),
    )
  const last = admissions.at(-1)
  return section(
    {
      title: carried ? keptIn : 'Admissions',
      id: 'admissions',
      aside: other,
      lede: carried
        ? 'In by a larger share, or by a draw before the last. The present share would not let them in; they stay.'
        : 'Newest first.',
    },
    html`${box(
      dataTable({
        caption: carried ? `${keptIn}, newest first` : 'Admissions, newest first',
        hideCaption: true,
        classes: 'pg-cards--line',
        head: [
          { text: 'Person', wide: true },
          { text: 'Let in' },
          { text: 'By whom' },
          { text: 'When' },
          { text: 'Now' },
        ],
        rows: admissions.map((admission) => admissionRow(service, admission)),
      }),
      { flush: true },
    )}
    ${!isWhole && last !== undefined && actions(link('Older ones', `${at}?before=${last.id}${carried ? '&carried=yes' : ''}`))}
    ${meta(`${number(admissions.length)} on this page`)}`,
  )
}

function admissionRow(
  service: Service,
  { unit, rung, at, by, leftAt, carried, address }: Admission,
): (Html | string)[] {
  const person = html`<a class="govuk-link" href="${homeOf(service)}/ledger?who=${encodeURIComponent(unit)}">${address ?? unit}</a>${
    address !== null && html` <span class="pg-sub"><code>${unit}</code></span>`
  }`
  const now =
    leftAt === null
      ? html`${chip('In', { tone: 'data' })}${carried && html` ${chip('kept in')}`}`
      : html`Ended ${moment(leftAt, momentWords(leftAt, service.timeZone))}`
  return [person, wayWords[rung], by, moment(at, momentWords(at, service.timeZone)), now]
}
