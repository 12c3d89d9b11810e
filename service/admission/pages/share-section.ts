import {
  box,
  button,
  form,
  html,
  input,
  link,
  meta,
  radios,
  section,
  shareSlider,
  type Html,
} from '../../platform/html/index.ts'
import { ceilingOf } from '../../services/index.ts'
import { countsAt, sayShare } from '../rules.ts'
import { homeOf, phaseWith, type DoorPage } from './door-parts.ts'

export function shareSection(page: DoorPage): Html {
  const { service, view, rights, problems, values } = page
  const isOpen = countsAt(ceilingOf(service.phase), 'share')
  const { share, joinOpen } = view.rollout
  const typed = 'share' in values || 'exact' in values ? values : {}
  const stops = [0, 1, 5, 10, 25, 50, 100].map((percent) => ({ percent }))
  if (!isOpen) {
    return section(
      { title: 'Share', id: 'share' },
      box(
        html`<p class="govuk-body">A share of everybody can be set once the phase opens the service to anyone: with ${phaseWith('open')}.</p>`,
      ),
    )
  }
  if (!rights.mayShare)
    return section(
      { title: 'Share', id: 'share' },
      box(html`<p class="govuk-body">${sayShare(share)} of those who come by themselves get the new service.</p>`),
    )
  return section(
    { title: 'Share', id: 'share' },
    box(html`${form(
      { action: `${homeOf(service)}/share` },
      html`${shareSlider({
        name: 'share',
        legend: 'How many of those who come by themselves get the new service?',
        hint: `Now ${sayShare(share)}. A larger share only adds people. A smaller one stops new ones; whoever is in stays in.`,
        stops,
        value: share / 1000,
        exactName: 'exact',
        problems,
        values: typed,
      })}
        ${input({ name: 'reason', id: 'share-reason', label: 'Reason', hint: 'Stands in the history beside your name', values: typed })}
        ${button({ text: 'Set the share' })}`,
    )}
    ${meta(html`In steps, with a question each: ${link('the rollout plan', `/services/${service.key}/plan`)}. A new draw of everybody who is not in: ${link('draw afresh', `/services/${service.key}/plan/salt`)}.`)}
    ${form(
      { action: `${homeOf(service)}/joining` },
      html`${radios({
        name: 'open',
        legend: 'May people choose the new service by themselves?',
        hint: `They do so at ${service.door === 'link' ? `/go/${service.key}/choice` : '/.phasegate/join on the service’s own host'}: ${service.currentUrl === null ? 'tell it wherever people look for the service' : 'link to it from the current service'}`,
        items: [
          { value: 'yes', text: 'Yes, anybody may join' },
          { value: 'no', text: 'No' },
        ],
        value: joinOpen ? 'yes' : 'no',
        problems,
        classes: 'govuk-radios--inline',
      })}
        ${button({ text: 'Save', kind: 'secondary' })}`,
    )}`),
  )
}
