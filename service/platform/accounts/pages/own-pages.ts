import { button, html, type Html } from '../../html/index.ts'
import type { MailFile } from '../../mail/index.ts'
import type { Notification } from '../../notifications.ts'
import { plain, when } from './plain.ts'

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
      <p class="govuk-body govuk-hint">To ${mail.to}, ${when(mail.at)}</p>
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
