import { button, html, input, mark, type Html } from '../../platform/html/index.ts'

/** The first press opens the panel, the second one, elsewhere, halts. It needs no script. */
export function haltPanel(parts: { halted: boolean; peopleIn: number; home: string; hasCurrent: boolean }): Html {
  return parts.halted ? haltedPanel(parts.home) : openPanel(parts)
}

function openPanel({ peopleIn, home, hasCurrent }: { peopleIn: number; home: string; hasCurrent: boolean }): Html {
  const elsewhere = hasCurrent ? 'the current service' : 'the holding page'
  const people =
    peopleIn === 1
      ? '1 person is in the beta. The next page is'
      : `${peopleIn.toLocaleString('en-GB')} people are in the beta. Their next page is`
  return html`<details class="govuk-details pg-halt">
    <summary class="govuk-details__summary">
      <span class="govuk-details__summary-text">${mark('halted')}Halt</span>
    </summary>
    <div class="govuk-details__text">
      <form class="pg-halt__form" action="${home}/halt" method="post">
        <p class="pg-halt__title">Send everybody to ${elsewhere}?</p>
        <p class="pg-halt__text">
          ${people} ${elsewhere}. Nobody gets an error, and whoever is in keeps the place for when you open again.
        </p>
        ${input({ name: 'reason', id: 'halt-reason', label: 'Reason', hint: 'Can follow later' })}
        ${button({ text: 'Halt now, for everybody', kind: 'warning' })}
        <p class="pg-meta">Takes effect in under a second. Recorded with your name.</p>
      </form>
    </div>
  </details>`
}

function haltedPanel(home: string): Html {
  return html`<details class="govuk-details pg-halt pg-halt--halted">
    <summary class="govuk-details__summary">
      <span class="govuk-details__summary-text">${mark('halted')}Halted</span>
    </summary>
    <div class="govuk-details__text">
      <form class="pg-halt__form" action="${home}/resume" method="post">
        <p class="pg-halt__title">Open the beta again?</p>
        <p class="pg-halt__text">
          Everybody is in the current service now. Whoever was in gets the new service again with the next page.
        </p>
        ${input({ name: 'reason', id: 'halt-reason', label: 'What has changed', hint: 'Stands in the history beside your name' })}
        ${button({ text: 'Open again' })}
      </form>
    </div>
  </details>`
}
