import { button, html, input, insetText, type Html } from '../../html/index.ts'
import type { Problem } from '../../problem.ts'
import { issuerButton } from '../oidc/pages.ts'
import { elsewhereHint, signInWithPasskey } from '../passkeys/pages.ts'
import type { RelyingParty } from '../passkeys/relying-party.ts'
import { plain } from './plain.ts'

interface Form {
  problems: Problem[]
  values: Record<string, string>
}

export interface SignInView extends Form {
  to: string
  development: boolean
  /** What went wrong another way, and what to do. */
  notice: { title: string; whatToDo: string } | null
  /** Of the issuer; null where none is set up. */
  issuerName: string | null
  /** Null where the installation stands at an address for which there are none. */
  passkeys: { party: RelyingParty; isElsewhere: boolean } | null
}

export function signInPage(view: SignInView): Html {
  const { problems, values, notice, issuerName, passkeys, to } = view
  return plain(
    'Sign in',
    problems,
    html`<h1 class="govuk-heading-l">Sign in</h1>
      ${notice !== null && insetText({ text: html`<b>${notice.title}.</b><br />${notice.whatToDo}`, id: 'notice' })}
      ${
        (issuerName !== null || passkeys !== null) &&
        html`<div class="pg-ways">
          ${issuerName !== null && issuerButton(issuerName, to)}
          ${passkeys !== null && (passkeys.isElsewhere ? elsewhereHint(passkeys.party, '/sign-in') : signInWithPasskey(to))}
        </div>`
      }
      <h2 class="govuk-heading-m">With a password</h2>
      <form method="post" action="/sign-in" novalidate>
        <input type="hidden" name="to" value="${to}" />
        ${input({ name: 'email', label: 'Email address', type: 'email', autocomplete: 'username', spellcheck: false, problems, values })}
        ${input({ name: 'password', label: 'Password', type: 'password', autocomplete: 'current-password', problems, values: {} })}
        ${button({ text: 'Sign in', kind: issuerName === null ? 'primary' : 'secondary' })}
      </form>
      <h2 class="govuk-heading-m">By a mailed link</h2>
      <form method="post" action="/sign-in/link" novalidate>
        ${input({ name: 'address', label: 'Email address', hint: 'We send you a link that signs you in once, within one hour', type: 'email', autocomplete: 'email', spellcheck: false, problems, values })}
        ${button({ text: 'Send me a link', kind: 'secondary' })}
      </form>
      ${view.development && html`<p class="govuk-body">In development, mails are files: <a class="govuk-link" href="/mails">read the mails</a>.</p>`}`,
  )
}

export function linkSentPage(development: boolean): Html {
  return plain(
    'Check your email',
    [],
    html`<h1 class="govuk-heading-l">Check your email</h1>
      <p class="govuk-body">If that address has an account here, a link is on its way. It works once, for one hour.</p>
      <p class="govuk-body">
        Nothing after five minutes? Look in the spam folder, check the spelling, or ask a colleague who runs this
        installation.
      </p>
      ${development && html`<p class="govuk-body">In development, mails are files: <a class="govuk-link" href="/mails">read the mails</a>.</p>`}`,
  )
}

const passwordHint = 'At least 12 characters. Leave it empty to sign in by a mailed link instead'

export function firstPersonPage(form: Form & { token: string }): Html {
  const { problems, values } = form
  return plain(
    'Welcome to Phasegate',
    problems,
    html`<h1 class="govuk-heading-l">Welcome to Phasegate</h1>
      <p class="govuk-body-l">
        You are the first person here, so this installation is yours. Colleagues come in through you.
      </p>
      <form method="post" action="/sign-in/link/${form.token}" novalidate>
        ${input({ name: 'name', label: 'Your name', hint: 'Stands beside what you decide, in the history', autocomplete: 'name', problems, values })}
        ${input({ name: 'email', label: 'Email address', type: 'email', autocomplete: 'email', spellcheck: false, problems, values })}
        ${input({ name: 'password', label: 'Password (optional)', hint: passwordHint, type: 'password', autocomplete: 'new-password', problems, values: {} })}
        ${button({ text: 'Start' })}
      </form>`,
  )
}

export function joinPage(form: Form & { token: string; email: string }): Html {
  const { problems, values } = form
  return plain(
    'Join your team',
    problems,
    html`<h1 class="govuk-heading-l">Join your team</h1>
      <p class="govuk-body">You are signing in as <b>${form.email}</b>.</p>
      <form method="post" action="/sign-in/link/${form.token}" novalidate>
        ${input({ name: 'name', label: 'Your name', hint: 'Stands beside what you decide, in the history', autocomplete: 'name', problems, values })}
        ${input({ name: 'password', label: 'Password (optional)', hint: passwordHint, type: 'password', autocomplete: 'new-password', problems, values: {} })}
        ${button({ text: 'Sign in' })}
      </form>`,
  )
}

/** Opening a mailed link signs nobody in: a mail scanner opens links too. */
export function useLinkPage(parts: { token: string; email: string }): Html {
  return plain(
    'Sign in',
    [],
    html`<h1 class="govuk-heading-l">Sign in</h1>
      <p class="govuk-body">This link signs you in as <b>${parts.email}</b>.</p>
      <form method="post" action="/sign-in/link/${parts.token}">${button({ text: 'Sign in' })}</form>`,
  )
}

export function newEmailPage(parts: { token: string; email: string }): Html {
  return plain(
    'Confirm your new address',
    [],
    html`<h1 class="govuk-heading-l">Confirm your new address</h1>
      <p class="govuk-body">From now on you sign in as <b>${parts.email}</b>. You are signed out everywhere else.</p>
      <form method="post" action="/sign-in/link/${parts.token}">${button({ text: 'Use this address' })}</form>`,
  )
}
