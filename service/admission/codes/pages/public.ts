import { button, form, hidden, html, input, type Html } from '../../../platform/html/index.ts'
import { offerOf } from '../../offer.ts'
import { backHome, edgePage, whatItMeans, type PublicView } from '../../pages/public.ts'

export function codePage(
  view: PublicView,
  { nonce, problem, typed }: { nonce: string; problem: string | null; typed: string },
): Html {
  const problems = problem === null ? [] : [{ field: 'code', message: problem }]
  const { title } = offerOf(view)
  return edgePage(
    view,
    title,
    html`<h1 class="govuk-heading-xl">${title}</h1>
      <p class="govuk-body-l">Enter the code that you were given. Small letters and spaces make no difference.</p>
      ${form(
        { action: `${view.base}/code` },
        html`${hidden('nonce', nonce)}${input({
          name: 'code',
          label: 'Code',
          hint: 'Such as “B7KD 3FQX 9MTR”',
          autocomplete: 'off',
          autocapitalize: 'characters',
          spellcheck: false,
          classes: 'govuk-input--width-20 govuk-input--extra-letter-spacing',
          value: typed,
          problems,
        })}
        ${button({ text: 'Take part', preventDoubleClick: true })}`,
      )}
      ${whatItMeans(view)} ${backHome(view)}`,
    { problems },
  )
}

/** A code for one organisation: the address says who belongs to it, and a mail proves the address. */
export function codeAddressPage(
  view: PublicView,
  { code, domain, problem, typed }: { code: string; domain: string | null; problem: string | null; typed: string },
): Html {
  const problems = problem === null ? [] : [{ field: 'email', message: problem }]
  return edgePage(
    view,
    'Your email address',
    html`<h1 class="govuk-heading-xl">Your email address</h1>
      <p class="govuk-body-l">This code is for people of one organisation. We send a link to your address there.</p>
      ${form(
        { action: `${view.base}/code/mail` },
        html`${hidden('code', code)}${input({
          name: 'email',
          type: 'email',
          autocomplete: 'email',
          spellcheck: false,
          label: 'Email address',
          hint: domain === null ? 'Used for this and nothing else' : `One that ends with @${domain}`,
          value: typed,
          problems,
        })}
        ${button({ text: 'Send me the link', preventDoubleClick: true })}`,
      )}
      ${backHome(view)}`,
    { problems },
  )
}

export function codeLinkPage(view: PublicView, { token, nonce }: { token: string; nonce: string }): Html {
  const { title, saysHere } = offerOf(view)
  return edgePage(
    view,
    title,
    html`<h1 class="govuk-heading-xl">${title}</h1>
      <p class="govuk-body-l">${saysHere} What you do in it is real.</p>
      ${form(
        { action: `${view.base}/code/${token}`, classes: 'pg-accept' },
        html`${hidden('nonce', nonce)}${button({ text: 'Take part', preventDoubleClick: true })}
          <a class="govuk-link" href="${view.home}">${view.hasCurrent ? 'Use the current service instead' : 'Not now'}</a>`,
      )}
      ${whatItMeans(view)}`,
    { stripUrl: `${view.base}/code` },
  )
}
