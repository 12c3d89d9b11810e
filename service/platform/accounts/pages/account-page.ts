import { button, dataTable, html, input, type Html } from '../../html/index.ts'
import type { Problem } from '../../problem.ts'
import { issuerSection, type IssuerView } from '../oidc/pages.ts'
import { passkeySection, type PasskeysView } from '../passkeys/pages.ts'
import type { OwnSession } from '../session-store.ts'
import { plain, when } from './plain.ts'

export interface AccountView {
  name: string
  email: string
  installation: 'owner' | 'member'
  sessions: OwnSession[]
  /** The one that looks at the page. */
  sessionId: string
  /** What just happened, in a sentence. */
  done: string | null
  passkeys: PasskeysView
  /** Null where no issuer is set up. */
  issuer: IssuerView | null
  problems: Problem[]
  values: Record<string, string>
}

export function accountPage(view: AccountView): Html {
  const { problems, values } = view
  return plain(
    'Your account',
    problems,
    html`<h1 class="govuk-heading-l">Your account</h1>
      ${view.done !== null && html`<p class="govuk-body" role="status"><b>${view.done}</b></p>`}
      <p class="govuk-body">
        <b>${view.name}</b><br />${view.email}${view.installation === 'owner' && html`<br />You own this installation.`}
      </p>
      <p class="govuk-body">
        <a class="govuk-link" href="/">Your services</a> · <a class="govuk-link" href="/notices">Your notices</a>
      </p>
      ${passkeySection(view.passkeys)}
      ${view.issuer !== null && issuerSection(view.issuer)}
      <h2 class="govuk-heading-m">Password</h2>
      <form method="post" action="/account/password" novalidate>
        ${input({ name: 'password', label: 'New password', hint: 'At least 12 characters. You stay signed in here, and nowhere else', type: 'password', autocomplete: 'new-password', problems, values: {} })}
        ${button({ text: 'Set password', kind: 'secondary' })}
      </form>
      <h2 class="govuk-heading-m">Email address</h2>
      <form method="post" action="/account/email" novalidate>
        ${input({ name: 'email', label: 'New email address', hint: 'Counts when you open the link that we send there', type: 'email', autocomplete: 'email', spellcheck: false, problems, values })}
        ${button({ text: 'Send the link', kind: 'secondary' })}
      </form>
      ${sessionsSection(view)}
      <form method="post" action="/sign-out">${button({ text: 'Sign out', kind: 'secondary' })}</form>`,
  )
}

const ways: { [way: string]: string | undefined } = {
  password: 'by password',
  link: 'by a mailed link',
  passkey: 'by passkey',
  provider: 'by your organisation’s sign-in',
}

function sessionsSection({ sessions, sessionId }: AccountView): Html {
  return html`<h2 class="govuk-heading-m" id="sessions">Where you are signed in</h2>
    ${dataTable({
      caption: 'Your sessions',
      hideCaption: true,
      head: [{ text: 'Device' }, { text: 'Signed in' }, { text: 'Last used' }, { text: 'End it', hidden: true }],
      rows: sessions.map((session) => [
        html`<b>${session.device === '' ? 'Unknown device' : session.device}</b>${session.id === sessionId && html`<span class="pg-sub">This one</span>`}`,
        html`${when(session.createdAt)}<span class="pg-sub">${ways[session.way] ?? ''}</span>`,
        when(session.seenAt),
        session.id === sessionId ? '' : endForm(session),
      ]),
    })}
    ${
      sessions.length > 1 &&
      html`<form method="post" action="/account/sessions/end-others">
        ${button({ text: 'Sign out everywhere else', kind: 'secondary' })}
      </form>`
    }`
}

function endForm(session: OwnSession): Html {
  return html`<form method="post" action="/account/sessions/${session.id}/end">
    ${button({ text: html`Sign out<span class="govuk-visually-hidden"> ${session.device}, used ${when(session.seenAt)}</span>`, kind: 'secondary', classes: 'pg-button--small' })}
  </form>`
}
