import {
  box,
  button,
  html,
  inlineForm,
  input,
  liveRegion,
  meta,
  meter,
  section,
  statList,
  type Html,
} from '../../platform/html/index.ts'
import { homeOf, number, people, type DoorPage } from './door-parts.ts'

/** ADM-66: in numbers, where it is set. */
function dayPart({ service, view, rights, problems, values }: DoorPage): Html {
  const { most, begun } = view.day
  const isFull = most !== null && begun >= most
  const figure =
    most !== null &&
    html`${meter({ value: Math.min(begun, most), max: most, label: `${number(begun)} of ${number(most)} journeys a day begun in the new service today` })}
      ${meta(`${number(begun)} of ${number(most)} journeys of today have begun in the new service.${isFull ? ' Nobody new comes in before midnight; who is in stays in.' : ''}`)}`
  return html`${figure}
  ${
    rights.mayShare &&
    inlineForm(
      { action: `${homeOf(service)}/day`, classes: 'pg-inline--even' },
      input({
        name: 'most',
        label: 'Journeys a day',
        hint: 'Empty for no limit',
        inputmode: 'numeric',
        classes: 'govuk-input--width-5',
        value: values.most ?? (most === null ? '' : String(most)),
        problems,
      }),
      button({ text: 'Set limit', kind: 'secondary' }),
    )
  }`
}

export function placesSection(page: DoorPage): Html {
  const { service, view, rights, problems, values } = page
  const { cap, taken, held, free } = view.places
  const figure =
    cap === null
      ? html`<p class="pg-who__figure"><span class="pg-figure-l">${number(taken)}</span> <span class="pg-who__of">${taken === 1 ? 'place' : 'places'} taken, no cap</span></p>`
      : html`<p class="pg-who__figure"><span class="pg-figure-l">${number(taken)}</span> <span class="pg-who__of">of ${number(cap)} places taken</span></p>
          ${meter({ value: taken, held, max: cap, label: `${number(taken)} of ${number(cap)} places taken, ${number(held)} held by open invitations`, size: 'tall' })}`
  const { funnel } = view
  return section(
    { title: 'Places', id: 'places' },
    box(html`${liveRegion(
      'places-now',
      html`${figure}
      ${statList([
        { name: 'Held', value: number(held) },
        { name: 'Free', value: free === null ? 'Any' : number(free) },
        { name: 'Ran out', value: number(funnel.expired) },
        { name: 'Went back', value: number(view.summary.wentBack) },
      ])}`,
    )}
    ${meta(html`<a class="govuk-link" href="${homeOf(service)}/waiting-list">Waiting list</a>: ${view.waiting === 0 ? 'nobody waits' : `${people(view.waiting)} ${view.waiting === 1 ? 'waits' : 'wait'}`}.${rights.maySeePeople && html` <a class="govuk-link" href="${homeOf(service)}/not-invited">Who is not invited again</a>.`}`)}
    ${
      rights.mayShare &&
      inlineForm(
        { action: `${homeOf(service)}/cap`, classes: 'pg-inline--even' },
        input({
          name: 'cap',
          label: 'Cap',
          hint: 'Empty for none',
          inputmode: 'numeric',
          classes: 'govuk-input--width-5',
          value: values.cap ?? (cap === null ? '' : String(cap)),
          problems,
        }),
        button({ text: 'Set cap', kind: 'secondary' }),
      )
    }
    ${dayPart(page)}`),
  )
}
