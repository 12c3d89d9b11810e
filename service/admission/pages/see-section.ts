import { longDateWords } from '../../platform/index.ts'
import {
  box,
  button,
  copyable,
  dataTable,
  details,
  form,
  html,
  inlineForm,
  input,
  meta,
  section,
  type Html,
} from '../../platform/html/index.ts'
import { ceilingOf } from '../../services/index.ts'
import { countsAt } from '../rules.ts'
import { homeOf, number, smallButton, type DoorPage } from './door-parts.ts'

export function seeSection(page: DoorPage): Html | false {
  const { service, view, rights, previewLink } = page
  // A draw has a name too.
  const { problems, values } = 'count' in page.values ? { problems: [], values: {} } : page
  if (!rights.mayEnter && !rights.mayInvite) return false
  const canEnter = rights.mayEnter && countsAt(ceilingOf(service.phase), 'staff')
  const links = dataTable({
    caption: 'Open preview links',
    head: [{ text: 'For', wide: true }, { text: 'Until' }, { text: 'End', hidden: true }],
    rows: view.previews.map(({ id, name, expiresAt }) => [
      name,
      longDateWords(expiresAt, service.timeZone),
      rights.mayInvite && inlineForm({ action: `${homeOf(service)}/previews/${id}/end` }, smallButton('End', name)),
    ]),
  })
  return section(
    { title: 'See the new service', id: 'previews' },
    box(html`${canEnter && form({ action: `${homeOf(service)}/enter` }, html`${button({ text: 'See it yourself', kind: 'secondary' })}${meta('Opens the service in this browser, in the new version, for you as one of the team. You take no place.')}`)}
    ${previewLink !== null && copyable({ id: 'preview-link', label: 'The preview link, shown once', value: previewLink, what: 'preview link' })}
    ${view.previews.length > 0 && links}
    ${
      rights.mayInvite &&
      details(
        { summary: 'Make a preview link', open: problems.some(({ field }) => field === 'name') },
        form(
          { action: `${homeOf(service)}/previews` },
          html`${input({ name: 'name', label: 'For whom or what', hint: 'Whoever has the link may look, for 14 days, without taking a place', problems, values })}${button({ text: 'Make a link', kind: 'secondary' })}`,
        ),
      )
    }`),
  )
}

export function legacySection({ service, view }: DoorPage): Html {
  const { legacy } = view
  const words =
    legacy === null
      ? ''
      : legacy.lastPassed
        ? `It answered the last check. ${number(legacy.passed)} of ${number(legacy.checks)} checks passed in the last day.`
        : `${legacy.lastProblem ?? 'It did not answer'}. ${number(legacy.passed)} of ${number(legacy.checks)} checks passed in the last day.`
  return section(
    { title: 'The current service', id: 'current-service' },
    box(html`<p class="govuk-body">${words}</p>
      ${meta('It must keep running until the new one is live: everybody who is not in, and everybody after a halt, goes there.')}
      ${meta(html`<a class="govuk-link" href="/services/${service.key}/settings">Its address</a>`)}`),
  )
}
