import { asSentence } from '../../sentence.ts'
import { input } from '../components/fields.ts'
import { type Content, type Html, html } from '../html.ts'
import { mark } from '../marks.ts'

export type HaltOptions = { /** What is halted: “the beta”, “the service”. */ what: string } & (
  | {
      kind: 'running'
      /** Where the form is sent; the reason comes as `reason`. */
      action: string
      /** What will happen, in numbers: "418 people are in the beta. Their next page is the current service." */
      text: Content
    }
  | { kind: 'halted'; action: string; text: Content; /** May this person let it run again? */ mayResume: boolean }
)

/**
 * Always within reach on a team page. The first press opens it, a second one in another place acts:
 * nothing happens by a slip, nothing needs a script.
 */
export const haltControl = (options: HaltOptions): Html => {
  const isHalted = options.kind === 'halted'
  const summary = isHalted ? 'Halted' : 'Halt'
  const { what } = options
  const title = isHalted ? `${asSentence(what)} is halted` : `Halt ${what}?`
  const reason = input({
    name: 'reason',
    id: 'halt-reason',
    label: 'Reason',
    hint: isHalted ? 'What has been put right' : 'Can follow within the hour',
    autocomplete: 'off',
    attributes: { maxlength: 500 },
  })
  const submit = isHalted
    ? html`<button type="submit" class="govuk-button" data-module="govuk-button" data-prevent-double-click="true">
        Let people in again
      </button>`
    : html`<button
        type="submit"
        class="govuk-button govuk-button--warning"
        data-module="govuk-button"
        data-prevent-double-click="true"
      >
        Halt now, for everybody
      </button>`
  const act =
    options.kind === 'running' || options.mayResume
      ? html`${reason}${submit}
          <p class="pg-meta">Takes effect at once. Recorded with your name.</p>`
      : html`<p class="pg-meta">The service manager can let people in again.</p>`
  return html`<details class="govuk-details pg-halt${isHalted && ' pg-halt--halted'}" id="halt">
    <summary class="govuk-details__summary">
      <span class="govuk-details__summary-text">${mark('halted')}${summary}</span>
    </summary>
    <div class="govuk-details__text">
      <form class="pg-halt__form" action="${options.action}" method="post" novalidate>
        <p class="pg-halt__title">${title}</p>
        <p class="pg-halt__text">${options.text}</p>
        ${act}
      </form>
    </div>
  </details>`
}

/** Across the top of a halted service's pages: what that means, since when, by whom, why. */
export const haltedBar = (text: Content): Html =>
  html`<div class="pg-halted" role="note" aria-label="Halted">
    <p>${mark('halted')}<b>Halted.</b> ${text}</p>
  </div>`
