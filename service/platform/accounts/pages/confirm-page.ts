import { button, html, type Html } from '../../html/index.ts'
import type { Problem } from '../../problem.ts'
import { confirmationMinutes, confirmWith, type Offer } from '../confirmation.ts'
import { plain } from './plain.ts'

export interface CarriedField {
  name: string
  value: string
}

export interface ConfirmView {
  name: string
  /** Where the form went that asks for this. */
  action: string
  back: string
  /** What was typed into it. */
  carried: CarriedField[]
  offers: (Offer & { id: string })[]
  problems: Problem[]
}

export function confirmPage(view: ConfirmView): Html {
  const { name, action, back, carried, offers, problems } = view
  const title = 'Confirm that it is you'
  return plain(
    title,
    problems,
    html`<h1 class="govuk-heading-l">${title}</h1>
      <p class="govuk-body">
        You are signed in as <b>${name}</b>. What you are about to do matters to others, so we ask once more when the
        last time is longer ago than ${confirmationMinutes} minutes. What you filled in is kept, and sent when you
        confirm.
      </p>
      ${offers.map(
        ({ id, fields, button: text }, index) =>
          html`<form method="post" action="${action}" novalidate>
            ${carried.map((field) => html`<input type="hidden" name="${field.name}" value="${field.value}" />`)}
            ${fields}
            ${button({ text, name: confirmWith, value: id, kind: index === 0 ? 'primary' : 'secondary' })}
          </form>`,
      )}
      <p class="govuk-body"><a class="govuk-link" href="${back}">Go back without doing it</a></p>`,
  )
}
