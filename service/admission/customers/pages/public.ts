import { longDateWords } from '../../../platform/index.ts'
import { button, form, hidden, html, type Html } from '../../../platform/html/index.ts'
import { edgePage, helpSection, type PublicView } from '../../pages/public.ts'
import { offerOf } from '../../offer.ts'
import type { Customer } from '../customers.ts'

/** What it is and what it means, and one button. Looking changes nothing. */
export function accountInvitationPage(
  view: PublicView,
  { account, token, nonce, returnTo }: { account: Customer; token: string; nonce: string; returnTo: string },
): Html {
  const { name, people, taken, expiresAt } = account
  const { title, saysHere } = offerOf(view)
  const places =
    people === null
      ? `Everybody at ${name} can take part.`
      : `${people - taken === 1 ? '1 place is' : `${people - taken} places are`} left of ${people} for ${name}.`
  return edgePage(
    view,
    title,
    html`<p class="pg-eyebrow">Invitation for people of ${name}</p>
      <h1 class="govuk-heading-xl">${title}</h1>
      <p class="govuk-body-l">
        ${saysHere} What you do in it is real.
      </p>
      ${form(
        { action: `${view.base}/account/${token}/accept`, classes: 'pg-accept' },
        html`${hidden('nonce', nonce)}${returnTo !== '' && hidden('return', returnTo)}${button({ text: 'Take part', attributes: { 'data-prevent-double-click': 'true' } })}
          <a class="govuk-link" href="${view.home}">${view.hasCurrent ? 'Use the current service instead' : 'Not now'}</a>`,
      )}
      <p class="pg-meta">${places}${expiresAt !== null && ` This link works until ${longDateWords(expiresAt, view.timeZone)}.`}</p>
      <h2 class="govuk-heading-m">You decide, at any time</h2>
      <ul class="pg-ticks">
        ${view.hasCurrent && html`<li>Go back to the current service from any page. We remember that choice.</li>`}
        <li>Leave whenever you like. That doesn’t touch anything that you have sent.</li>
        <li>Your colleagues decide for themselves.</li>
      </ul>
      <h2 class="govuk-heading-m">What happens with your data</h2>
      <p class="govuk-body">One cookie, so that you stay in, gone 90 days after your last visit. We note that somebody of ${name} takes part, and no name or address.</p>
      ${helpSection(view)}`,
    { stripUrl: `${view.base}/account` },
  )
}

/** ADM-61: on to the application with the claim; by itself, and by a link where that does not happen. */
export function returnPage(view: PublicView, to: string): Html {
  const host = new URL(to).host
  return edgePage(
    view,
    'You take part',
    html`<h1 class="govuk-heading-xl">You take part</h1>
      <p class="govuk-body-l">You are taken to ${host} now.</p>
      <p class="govuk-body"><a class="govuk-link" href="${to}">Go on to ${host}</a></p>`,
    { stripUrl: `${view.base}/invitation` },
  )
}

/** ADM-41: the right to say no, in each mail. */
export function stopPage(view: PublicView, { token, account }: { token: string; account: string }): Html {
  const title = 'Get no more invitations'
  return edgePage(
    view,
    title,
    html`<h1 class="govuk-heading-xl">${title}</h1>
      <p class="govuk-body-l">You were sent a link to pass on to the people of ${account}: press the button, and we do not write to you again.</p>
      <p class="govuk-body">Whoever has the link from you can go on using it.</p>
      ${form({ action: `${view.base}/contact/${token}/stop`, classes: 'pg-accept' }, button({ text: 'No more invitations' }))}`,
    { stripUrl: `${view.base}/contact` },
  )
}
