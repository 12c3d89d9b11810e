import {
  button,
  checklist,
  copyable,
  html,
  liveRegion,
  link,
  section,
  textarea,
  inlineForm,
  type ChecklistItem,
  type Html,
} from '../../platform/html/index.ts'
import type { Service } from '../../services/index.ts'
import { doorNames } from '../../services/index.ts'

/** What has been seen of a service that was just put behind the gateway. */
export interface SetupFacts {
  firstRequestAt: Date | null
  starts: number
  endings: number
  pagesWithFeedback: number
  pagesSeen: number
  invited: number
  accepted: number
}

export interface SetupView {
  service: Service
  url: string | null
  facts: SetupFacts
  mayInvite: boolean
}

export function setupContent({ service, url, facts, mayInvite }: SetupView): Html {
  const items = setupItems(service, url, facts)
  const done = items.filter(({ isDone }) => isDone).length
  return html`${section(
    { title: 'What has been seen', aside: `${done} of ${items.length}` },
    liveRegion('setup', checklist(items), { announce: true }),
  )}
  ${url !== null && section({ title: 'Where people reach it' }, html`${copyable({ id: 'service-url', label: 'Address at the gateway', value: url, what: 'address' })}<p class="govuk-body">Point the service’s own host name at the gateway when you open it to people. Door: ${doorNames[service.door].toLowerCase()}.</p>`)}
  ${section({ title: 'What could break behind a gateway' }, html`<p class="govuk-body">${link('Look at both services', `/services/${service.key}/inspections`)} before your users do: absolute redirects, cookie domains, Origin checks, security policies and host checks are named, each with what to do. <code>bin/phasegate doctor ${service.newUrl}</code> says the same.</p>`)}
  ${mayInvite && section({ title: facts.invited === 0 ? 'Invite the first person' : 'Invite people' }, inviteForm(service))}`
}

function inviteForm(service: Service): Html {
  return inlineForm(
    { action: `/services/${service.key}/admission/invitations` },
    textarea({ name: 'addresses', label: 'Email addresses, one a line', rows: 2 }),
    button({ text: 'Invite' }),
  )
}

/** Each line says what was seen, or what to do. */
export function setupItems(service: Service, url: string | null, facts: SetupFacts): ChecklistItem[] {
  const journeyHref = `/services/${service.key}/settings#journey`
  const marked = service.journeys.length > 0
  return [
    {
      title: 'First request',
      isDone: facts.firstRequestAt !== null,
      text:
        facts.firstRequestAt === null
          ? html`Open ${url === null ? 'the service' : link('the service', url)} once through the gateway.`
          : 'The gateway has passed requests on.',
    },
    {
      title: 'The journey is marked',
      isDone: marked,
      text: marked
        ? html`Start, steps and endings are known. ${link('Look at them', journeyHref)}`
        : html`${link('Walk the journey', journeyHref)} once in the browser and mark start, steps and endings as you go.`,
    },
    {
      title: 'A start',
      isDone: facts.starts > 0,
      text:
        facts.starts > 0
          ? `${facts.starts.toLocaleString('en-GB')} seen.`
          : 'Open the start page. If it does not show here, its address is marked differently.',
    },
    {
      title: 'An ending',
      isDone: facts.endings > 0,
      text:
        facts.endings > 0
          ? `${facts.endings.toLocaleString('en-GB')} seen.`
          : 'Go through to an ending: a done page, a refusal or an error page.',
    },
    {
      title: `The feedback link on ${facts.pagesWithFeedback} of ${facts.pagesSeen} pages`,
      isDone: facts.pagesSeen > 0 && facts.pagesWithFeedback === facts.pagesSeen,
      text: feedbackText(facts),
    },
    {
      title: 'The first person invited',
      isDone: facts.invited > 0,
      text:
        facts.invited > 0
          ? `${facts.invited} invited, ${facts.accepted} accepted.`
          : 'Invite a colleague below: they get a mail, accept, and are in.',
    },
  ]
}

function feedbackText({ pagesWithFeedback, pagesSeen }: SetupFacts): string {
  if (pagesSeen === 0) return 'Counted once pages of the journey were seen.'
  if (pagesWithFeedback === pagesSeen) return 'Every page of the journey that was seen has it.'
  return 'The gateway puts it into HTML pages. Where it is missing, the page has no <body> that it can read, or a gateway of your own does not insert: link to /.phasegate/feedback yourself.'
}
