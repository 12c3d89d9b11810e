import { edgePage, type PublicView } from '../../admission/index.ts'
import type { Problem } from '../../platform/index.ts'
import { button, form, hidden, html, input, type Html } from '../../platform/html/index.ts'
import type { Testimonial } from '../room.ts'

export interface QuotePage {
  view: PublicView
  action: string
  testimonial: Testimonial
  feature: string
  problems: Problem[]
  values: Record<string, string>
}

/** ROOM-11: exactly these words, or none. */
export function quotePage({ view, action, testimonial, feature, problems, values }: QuotePage): Html {
  const { state, wording, signedAs, withdrawnBy } = testimonial
  // The team may do so before the person has said anything.
  const isGivenUp = state === 'withdrawn' && withdrawnBy === 'team'
  const title = isGivenUp ? titles.declined : titles[state]
  return edgePage(
    view,
    title,
    html`<p class="pg-eyebrow">${feature}</p>
      <h1 class="govuk-heading-xl">${title}</h1>
      ${state === 'withdrawn' ? html`` : html`<blockquote class="govuk-inset-text"><p class="pg-msg__text">${wording}</p>${signedAs !== null && html`<p class="pg-meta">${signedAs}</p>`}</blockquote>`}
      ${state === 'asked' && askForm(action, problems, values)} ${state === 'approved' && approved(action, testimonial)}
      ${state === 'declined' && html`<p class="govuk-body-l">Your words are not used. There is nothing more to do.</p>`}
      ${isGivenUp && html`<p class="govuk-body-l">The team has given up using your words: nobody may use them any more. There is nothing for you to do.</p>`}
      ${state === 'withdrawn' && !isGivenUp && html`<p class="govuk-body-l">The words may not be used any more, and the team was told where they have to come down.</p>`}`,
    { problems, stripUrl: `${view.base}/quote` },
  )
}

const titles = {
  asked: 'May we quote you?',
  approved: 'You agreed to be quoted',
  declined: 'You are not quoted',
  withdrawn: 'You are not quoted any more',
} as const

function askForm(action: string, problems: Problem[], values: Record<string, string>): Html {
  return html`<p class="govuk-body">Nothing is used before you say yes, and nothing but exactly these words. You can take it back at any time, by this link. It has no effect on the service that you get.</p>
    ${form(
      { action },
      html`${hidden('act', 'approve')}
      ${input({ name: 'signedAs', label: 'How you want to be named', hint: 'Such as “A. Example, Example Ltd”. Left empty, no name stands there', problems, values })}
      ${button({ text: 'Yes, use exactly these words' })}`,
    )}
    ${form({ action }, html`${hidden('act', 'decline')}${button({ text: 'No, don’t quote me', kind: 'secondary' })}`)}`
}

function approved(action: string, { uses }: Testimonial): Html {
  const standing = uses.filter(({ takenDownAt }) => takenDownAt === null)
  return html`<h2 class="govuk-heading-m">Where your words stand</h2>
    ${
      standing.length === 0
        ? html`<p class="govuk-body">Nowhere yet.</p>`
        : html`<ul class="pg-ticks">${standing.map(({ place }) => html`<li>${place}</li>`)}</ul>`
    }
    ${form({ action }, html`${hidden('act', 'withdraw')}${button({ text: 'I don’t want to be quoted any more', kind: 'secondary' })}`)}`
}
