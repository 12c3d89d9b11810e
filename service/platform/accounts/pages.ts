import { button, html, input, publicPage, type Html } from '../html/index.ts'
import type { MailFile } from '../mail/index.ts'
import type { Notification } from '../notifications.ts'
import type { Problem } from '../problem.ts'

interface Form {
  problems: Problem[]
  values: Record<string, string>
}

const plain = (title: string, problems: Problem[], content: Html): Html =>
  publicPage({ title, serviceName: 'Phasegate', serviceUrl: '/', phaseLabel: null, base: '', problems }, content)

export function signInPage(form: Form & { to: string; development: boolean }): Html {
  const { problems, values } = form
  return plain(
    'Sign in',
    problems,
    html`<h1 class="govuk-heading-l">Sign in</h1>
      <form method="post" action="/sign-in" novalidate>
        <input type="hidden" name="to" value="${form.to}" />
        ${input({ name: 'email', label: 'Email address', type: 'email', autocomplete: 'username', spellcheck: false, problems, values })}
        ${input({ name: 'password', label: 'Password', type: 'password', autocomplete: 'current-password', problems, values: {} })}
        ${button({ text: 'Sign in' })}
      </form>
      <h2 class="govuk-heading-m">Without a password</h2>
      <form method="post" action="/sign-in/link" novalidate>
        ${input({ name: 'address', label: 'Email address', hint: 'We send you a link that signs you in once, within one hour', type: 'email', autocomplete: 'email', spellcheck: false, problems, values })}
        ${button({ text: 'Send me a link', kind: 'secondary' })}
      </form>
      ${form.development && html`<p class="govuk-body">In development, mails are files: <a class="govuk-link" href="/mails">read the mails</a>.</p>`}`,
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

export function accountPage(form: Form & { name: string; email: string; installation: string }): Html {
  return plain(
    'Your account',
    form.problems,
    html`<h1 class="govuk-heading-l">Your account</h1>
      <p class="govuk-body">
        <b>${form.name}</b><br />${form.email}${form.installation === 'owner' && html`<br />You own this installation.`}
      </p>
      <p class="govuk-body">
        <a class="govuk-link" href="/">Your services</a> · <a class="govuk-link" href="/notices">Your notices</a>
      </p>
      <h2 class="govuk-heading-m">Password</h2>
      <form method="post" action="/account/password" novalidate>
        ${input({ name: 'password', label: 'New password', hint: 'At least 12 characters. Your other sessions end', type: 'password', autocomplete: 'new-password', problems: form.problems, values: {} })}
        ${button({ text: 'Set password', kind: 'secondary' })}
      </form>
      <form method="post" action="/sign-out">${button({ text: 'Sign out', kind: 'secondary' })}</form>`,
  )
}

export function mailsPage(mails: MailFile[]): Html {
  return plain(
    'Mails',
    [],
    html`<h1 class="govuk-heading-l">Mails</h1>
      <p class="govuk-body">
        No mail server is set, so mails are files, and stand here instead of leaving. This page is gone once PUBLIC_URL
        or SMTP_URL is set.
      </p>
      ${mails.length === 0 && html`<p class="govuk-body">No mails yet. Invite somebody, and the mail appears here.</p>`}
      <ul class="govuk-list govuk-list--spaced">
        ${mails.map(
          (mail) =>
            html`<li>
              <a class="govuk-link" href="/mails/${mail.id}">${mail.subject}</a><br /><span class="pg-meta"
                >to ${mail.to}, ${when(mail.at)}</span
              >
            </li>`,
        )}
      </ul>`,
  )
}

export function mailPage(mail: MailFile): Html {
  return plain(
    mail.subject,
    [],
    html`<h1 class="govuk-heading-l">${mail.subject}</h1>
      <p class="govuk-body pg-meta">To ${mail.to}, ${when(mail.at)}</p>
      ${mail.text.split('\n\n').map(
        (paragraph) =>
          html`<p class="govuk-body pg-mail">
              ${paragraph.split(/(https?:\/\/\S+)/).map((part) => (/^https?:\/\/\S+$/.test(part) ? html`<a class="govuk-link" href="${part}">${part}</a>` : part))}
            </p>`,
      )}
      <p class="govuk-body"><a class="govuk-link" href="/mails">All mails</a></p>`,
  )
}

export function notificationsPage(notes: Notification[]): Html {
  return plain(
    'Notices',
    [],
    html`<h1 class="govuk-heading-l">Notices</h1>
      ${notes.length === 0 && html`<p class="govuk-body">Nothing for you. Notices appear here when something changes that you should know of.</p>`}
      <ul class="govuk-list govuk-list--spaced">
        ${notes.map(
          (note) =>
            html`<li>
              <a class="govuk-link" href="${note.href}">${note.title}</a><br />${note.body}<br /><span class="pg-meta"
                >${when(note.createdAt)}</span
              >
              ${
                note.needsAcknowledgement &&
                (note.acknowledgedAt === null
                  ? html`<form method="post" action="/notices/${note.id}/acknowledge">
                      ${button({ text: 'I have read this', kind: 'secondary' })}
                    </form>`
                  : html`<br /><span class="pg-meta">You acknowledged this on ${when(note.acknowledgedAt)}</span>`)
              }
            </li>`,
        )}
      </ul>`,
  )
}

function when(at: Date): string {
  return at.toLocaleString('en-GB', { dateStyle: 'long', timeStyle: 'short', timeZone: 'Europe/London' })
}
