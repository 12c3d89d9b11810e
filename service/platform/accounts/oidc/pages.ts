import { button, html, type Html } from '../../html/index.ts'
import { plain, when } from '../pages/plain.ts'
import type { Identity, Unproven } from './store.ts'

/** Not a form: the issuer, and whatever it sends the browser on to, would then have to stand in the page's policy. */
export function issuerButton(issuerName: string, to: string): Html {
  const href = to === '/' ? '/sign-in/oidc' : `/sign-in/oidc?to=${encodeURIComponent(to)}`
  return button({ text: `Sign in with ${issuerName}`, href })
}

/** After a form, the browser leaves for the issuer by the header `Refresh`, or the person by the link. */
export function leavePage(issuerName: string, url: URL): Html {
  return plain(
    `On to ${issuerName}`,
    [],
    html`<h1 class="govuk-heading-l">On to ${issuerName}</h1>
      <p class="govuk-body">
        You show there who you are, and come back here.
        <a class="govuk-link" href="${url.href}">Go on if nothing happens</a>.
      </p>`,
  )
}

/** ACC-22: the issuer vouches for the address; whose the account is, its mailbox says. */
export function provePage(view: { issuerName: string; unproven: Unproven; isSignedIn: boolean }): Html {
  const { issuerName, unproven, isSignedIn } = view
  const addByHand = isSignedIn
    ? html`Or add ${issuerName} on <a class="govuk-link" href="/account">the page of your account</a>.`
    : html`Or <a class="govuk-link" href="/sign-in?to=%2Faccount">sign in the way you did before</a>, and add
        ${issuerName} on the page of your account.`
  return plain(
    'One more step',
    [],
    html`<h1 class="govuk-heading-l">One more step</h1>
      <p class="govuk-body">
        ${issuerName} knows you as <b>${unproven.email}</b>, and an account with that address exists here. Show once
        that it is yours; after that ${issuerName} is enough.
      </p>
      <form method="post" action="/sign-in/oidc/proof">${button({ text: 'Send me a link' })}</form>
      <p class="govuk-body">We send it to ${unproven.email}. Open it in this browser, within an hour.</p>
      <p class="govuk-body">${addByHand}</p>`,
  )
}

export function proofSentPage(view: { email: string; development: boolean }): Html {
  return plain(
    'Check your email',
    [],
    html`<h1 class="govuk-heading-l">Check your email</h1>
      <p class="govuk-body">
        A link is on its way to <b>${view.email}</b>. Open it in this browser: it works nowhere else, once, for one hour.
      </p>
      <p class="govuk-body">
        Nothing after five minutes? Look in the spam folder, or
        <a class="govuk-link" href="/sign-in/oidc/proof">send it again</a>.
      </p>
      ${view.development && html`<p class="govuk-body">In development, mails are files: <a class="govuk-link" href="/mails">read the mails</a>.</p>`}`,
  )
}

/** Opening a mailed link changes nothing: a mail scanner opens links too. */
export function proofPage(view: { issuerName: string; token: string; email: string }): Html {
  const { issuerName, token, email } = view
  return plain(
    `Sign in with ${issuerName}`,
    [],
    html`<h1 class="govuk-heading-l">Sign in with ${issuerName}</h1>
      <p class="govuk-body">
        From now on, whoever signs in with ${issuerName} as <b>${email}</b> is signed in to your account here.
      </p>
      <form method="post" action="/sign-in/oidc/proof/${token}">${button({ text: 'Yes, sign me in' })}</form>
      <p class="govuk-body">If you did not begin this, close the page.</p>`,
  )
}

export interface IssuerView {
  name: string
  issuer: string
  identities: readonly Identity[]
}

/** Who the person is at the issuer, on the page of the account. */
export function issuerSection({ name: issuerName, issuer, identities }: IssuerView): Html {
  const isThere = identities.some((identity) => identity.issuer === issuer)
  return html`<h2 class="govuk-heading-m" id="issuer">Sign in with ${issuerName}</h2>
    ${identities.map((identity) => identityRow(identity, identity.issuer === issuer ? issuerName : hostOf(identity)))}
    ${
      !isThere &&
      html`<p class="govuk-body">You show ${issuerName} who you are, and need no password here.</p>
        <form method="post" action="/account/oidc">
          ${button({ text: `Add ${issuerName}`, kind: 'secondary' })}
        </form>`
    }`
}

function identityRow(identity: Identity, name: string): Html {
  const { issuer, subject, email, addedAt, usedAt } = identity
  return html`<div class="pg-way">
    <p class="govuk-body">
      <b>${email ?? name}</b>
      <span class="pg-sub">Added ${when(addedAt)}, ${usedAt === null ? 'not used yet' : `last used ${when(usedAt)}`}</span>
    </p>
    <form method="post" action="/account/oidc/remove">
      <input type="hidden" name="issuer" value="${issuer}" />
      <input type="hidden" name="subject" value="${subject}" />
      ${button({ text: html`Remove<span class="govuk-visually-hidden"> ${name}</span>`, kind: 'secondary' })}
    </form>
  </div>`
}

function hostOf({ issuer }: Identity): string {
  return URL.canParse(issuer) ? new URL(issuer).host : issuer
}

/** A page of its own for the issuer: the one that asks holds what was typed. */
export function confirmByIssuerFields(issuerName: string, id: string): Html {
  return html`<p class="govuk-body">
    <a class="govuk-link" id="${id}" href="/account/oidc/confirm" target="_blank" rel="noopener"
      >Show ${issuerName} who you are (opens in a new tab)</a
    >, then come back here.
  </p>`
}

export function confirmedPage(): Html {
  return plain(
    'Confirmed',
    [],
    html`<h1 class="govuk-heading-l">Confirmed</h1>
      <p class="govuk-body">Close this page, and go on with the one that asked you.</p>`,
  )
}

export function signedOutPage(view: { issuerName: string; signOutUrl: string | null }): Html {
  return plain(
    'You are signed out',
    [],
    html`<h1 class="govuk-heading-l">You are signed out</h1>
      <p class="govuk-body">You are signed out of Phasegate in this browser.</p>
      ${
        view.signOutUrl !== null &&
        html`<p class="govuk-body">
          ${view.issuerName} may still know you here. On a shared computer,
          <a class="govuk-link" href="${view.signOutUrl}">sign out there too</a>.
        </p>`
      }
      <p class="govuk-body"><a class="govuk-link" href="/sign-in">Sign in again</a></p>`,
  )
}
