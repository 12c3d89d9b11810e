import {
  button,
  details,
  form,
  hidden,
  html,
  input,
  meta,
  notificationBanner,
  type Html,
} from '../../platform/html/index.ts'
import type { Problem } from '../../platform/index.ts'
import type { ErasureReport } from '../erasing.ts'

/** What was asked to be erased: told first, done when somebody is sure. */
export interface ErasureView {
  address: string
  report: ErasureReport
  isDone: boolean
}

interface ErasurePart {
  erasure: ErasureView | null
  problems: Problem[]
  values: Record<string, string>
  home: string
}

/** ADM-70: what would go, before it goes. */
export function erasurePart({ erasure, problems, values, home }: ErasurePart): Html {
  if (erasure !== null) return erasure.isDone ? done(erasure) : ask(erasure, home)
  const wrong = problems.filter(({ field }) => field === 'erased')
  return details(
    { summary: 'Erase what is kept about a person', open: wrong.length > 0 },
    form(
      { action: `${home}/erasures` },
      html`${input({ name: 'erased', label: 'Email address', problems, values, spellcheck: false })}
      ${button({ text: 'Show what there is', kind: 'secondary' })}
      ${meta('For somebody who asks for it. First you see what would go; nothing is erased yet.')}`,
    ),
  )
}

function ask({ address, report }: ErasureView, home: string): Html {
  if (report.found.every(({ count }) => count === 0))
    return notificationBanner({
      title: 'Nothing to erase',
      content: html`<p class="govuk-body">Nothing is kept under ${address} in this service.</p>`,
    })
  return notificationBanner({
    title: 'Erase this person?',
    content: html`<p class="govuk-body">This is kept about ${address}. It can not be brought back.</p>
      ${list(report)}
      ${form(
        { action: `${home}/erasures` },
        html`${hidden('erased', address)}${hidden('sure', 'yes')}${button({ text: 'Erase for good', kind: 'warning' })}`,
      )}
      ${meta('Figures stay as they are. Backups of former days hold the person until they run out.')}`,
  })
}

function done({ report }: ErasureView): Html {
  return notificationBanner({
    title: 'Erased',
    type: 'success',
    content: html`<p class="govuk-body">Nothing of this person is kept in this service any more.</p>${list(report)}`,
  })
}

function list({ found }: ErasureReport): Html {
  return html`<ul class="govuk-list govuk-list--bullet">
    ${found.filter(({ count }) => count > 0).map(({ name, becomes, count }) => html`<li>${name}: ${count} (${becomes})</li>`)}
  </ul>`
}
