import {
  button,
  checkboxes,
  form,
  historyList,
  html,
  input,
  paragraph,
  radios,
  section,
  textarea,
  type Html,
} from '../../platform/html/index.ts'
import type { GateView, OutcomeView } from '../gates.ts'
import type { GatePage } from './gate-page.ts'
import { momentWords, standWords } from './words.ts'

export function decide(page: GatePage): Html {
  const { view, may, home } = page
  if (!may.decide) {
    const manager = page.members.find(({ role }) => role === 'service-manager')
    return section(
      { title: 'Decide', id: 'decide' },
      paragraph(`The service manager decides${manager === undefined ? '' : `: ${manager.name}`}.`),
    )
  }
  if (view.outcomes.every(({ possible }) => !possible)) {
    return section(
      { title: 'Decide', id: 'decide' },
      paragraph(view.outcomes[0]?.because ?? 'Nothing can be decided here now.'),
    )
  }
  return section(
    { title: 'Decide', id: 'decide' },
    form({ action: `${home}/gates/${view.gate.id}/decision`, classes: 'pg-panel pg-decide__form' }, decideFields(page)),
  )
}

function decideFields(page: GatePage): Html {
  const { view, problems, values, name } = page
  const outcomes = radios({
    name: 'outcome',
    legend: { text: 'What happens to this phase?', classes: 'govuk-fieldset__legend--s' },
    hint: 'Frozen with today’s evidence, definitions and playbook version.',
    classes: 'govuk-radios--small',
    problems,
    values,
    items: view.outcomes.map(({ kind, label, says, possible, because }) => ({
      value: kind,
      text: label,
      hint: possible ? says : whyNot(view, because),
      disabled: !possible,
      conditional:
        possible && view.gate.firstShare === true && (kind === 'go' || kind === 'go-with-actions')
          ? shareField(page)
          : undefined,
    })),
  })
  const reason = textarea({
    name: 'reason',
    label: { text: 'Reason', classes: 'govuk-label--s' },
    hint: 'One or two sentences that someone can still follow in three years',
    rows: 4,
    problems,
    values,
  })
  const confirm = checkboxes({
    name: 'confirm',
    classes: 'govuk-checkboxes--small',
    problems,
    values,
    items: [
      {
        value: 'yes',
        text: `I decide this as ${name}. It can’t be changed afterwards, only followed by another decision`,
      },
    ],
  })
  return html`<div class="pg-decide__cols"><div>${outcomes}</div><div>${reason}${confirm}${button({ text: 'Record decision', preventDoubleClick: true })}</div></div>`
}

function shareField({ problems, values }: GatePage): Html {
  return input({
    name: 'share',
    label: 'First share of people who get the new service',
    hint: '10 is a usual first step. Empty leaves the share as it is; it can grow later.',
    suffix: '%',
    inputmode: 'decimal',
    classes: 'govuk-input--width-5',
    problems,
    values,
  })
}

export function decisionList({ decisions, timeZone }: GatePage): Html {
  const items = decisions.slice(0, 10).map((each) => ({
    at: each.at,
    when: momentWords(each.at, timeZone),
    who: each.by,
    what: html`decided: ${outcomeWords[each.outcome]}${each.waiver !== null && html` <span class="pg-sub">${each.waiver}</span>`}${
      each.frozen.missing.length > 0 &&
      html` <span class="pg-sub">${each.frozen.missing.length} things were missing then</span>`
    }`,
    why: each.reason,
  }))
  return section({ title: 'Decisions at this gate', id: 'decisions' }, historyList(items))
}

export const outcomeWords = {
  go: 'go',
  'go-with-actions': 'go with actions',
  stay: 'stay',
  repeat: 'repeat the phase',
  back: 'go back',
  stop: 'stop',
} as const

const mostToName = 8

/** A long list of numbers helps nobody here: the list itself stands above. */
function whyNot({ missing }: GateView, because: OutcomeView['because']): string | null {
  return missing.length > mostToName ? `Not possible yet: ${standWords(missing)} stand before it` : because
}
