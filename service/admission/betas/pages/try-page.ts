import { button, chip, form, hidden, html, type Html } from '../../../platform/html/index.ts'
import { edgePage, type PublicView } from '../../pages/public.ts'
import type { OwnBeta } from '../betas.ts'

/** ADM-65: each beta in plain words, what it changes, how to say something about it, and how to leave. */
export function tryPage(
  view: PublicView,
  { betas, problem, changed }: { betas: OwnBeta[]; problem: string | null; changed: string | null },
): Html {
  const problems = problem === null ? [] : [{ field: '', message: problem }]
  const now = betas.find(({ key }) => key === changed)
  return edgePage(
    view,
    'Try new things',
    html`<h1 class="govuk-heading-xl">Try new things</h1>
      <p class="govuk-body-l">New parts of “${view.name}” that are not finished. Switch on what you want to try, and off what you don’t. ${view.isProduct ? 'What you have done stays as it is.' : 'It has no effect on what you apply for or have sent.'}</p>
      ${now !== undefined && html`<p class="govuk-body" role="status"><b>“${now.name}” is ${now.isOn ? 'on' : 'off'} for you now.</b></p>`}
      ${betas.length === 0 ? html`<p class="govuk-body">There is nothing to try at present. Look in again later.</p>` : betas.map((beta) => item(view, beta))}
      <p class="govuk-body"><a class="govuk-link" href="${view.home}">Go to the service</a></p>`,
    { problems },
  )
}

function item(view: PublicView, { key, name, description, changes, isOn, offered, hasRoom }: OwnBeta): Html {
  const talk = hasRoom ? `${view.base}/rooms/${encodeURIComponent(key)}` : `${view.base}/feedback`
  return html`<section class="pg-try" aria-labelledby="try-${key}">
    <h2 class="govuk-heading-m" id="try-${key}">${name} ${isOn ? chip('On', { tone: 'met' }) : chip('Off')}</h2>
    <p class="govuk-body pg-msg__text">${description}</p>
    ${changes !== '' && html`<p class="govuk-body pg-msg__text"><b>What changes:</b> ${changes}</p>`}
    <p class="govuk-body"><b>Tell us:</b> <a class="govuk-link" href="${talk}">${hasRoom ? 'in the room of those who try it' : 'give feedback'}<span class="govuk-visually-hidden">: ${name}</span></a></p>
    <p class="govuk-body"><b>Leave:</b> ${isOn ? 'switch it off here. It is gone with the next page.' : 'at any time, here.'}</p>
    ${
      (isOn || offered) &&
      form(
        { action: `${view.base}/try` },
        html`${hidden('feature', key)}${hidden('to', isOn ? 'off' : 'on')}${button({
          text: html`Switch it ${isOn ? 'off' : 'on'}<span class="govuk-visually-hidden">: ${name}</span>`,
          kind: isOn ? 'secondary' : 'primary',
          preventDoubleClick: true,
        })}`,
      )
    }
  </section>`
}
