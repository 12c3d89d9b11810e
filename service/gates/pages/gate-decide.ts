import { dateWords } from '../../platform/index.ts'
import {
  actions,
  button,
  checkboxes,
  form,
  historyList,
  html,
  input,
  link,
  paragraph,
  radios,
  section,
  textarea,
  type Html,
} from '../../platform/html/index.ts'
import { movedPast } from '../../features/index.ts'
import type { FrozenGate, GateView, OutcomeView } from '../gates.ts'
import { subjectWords } from '../playbook.ts'
import { list } from '../rules.ts'
import type { GatePage } from './gate-page.ts'
import { standWords, stateWords, who } from './words.ts'

export function decide(page: GatePage): Html {
  const { view, may, home } = page
  if (!may.decide) {
    return section({ title: 'Decide', id: 'decide' }, paragraph(whoDecides(page)))
  }
  if (view.outcomes.every(({ possible }) => !possible)) {
    return section(
      { title: 'Decide', id: 'decide' },
      html`${paragraph(`${view.outcomes[0]?.because ?? 'Nothing can be decided here now'}.`)}
      ${
        view.subject === 'service'
          ? actions(link('The phases, and moves where no gate stands', `${home}/playbook`))
          : actions(link('What its next gate asks', `${home}/gate`), link('The stages', `${home}/playbook`))
      }`,
    )
  }
  return section(
    { title: 'Decide', id: 'decide' },
    form({ action: `${home}/gates/${view.gate.id}/decision`, classes: 'pg-panel pg-decide__form' }, decideFields(page)),
  )
}

/** “Growth decides: B. Example.” */
export function whoDecides({ view, members }: Pick<GatePage, 'view' | 'members'>): string {
  const roles = view.gate.decidedBy ?? (['service-manager'] as const)
  const named = members.filter(({ role }) => roles.includes(role)).map(({ name }) => name)
  const people = named.length === 0 ? '' : `: ${list([...new Set(named)])}`
  if (view.gate.decidedBy === undefined) return `The service manager decides${people}.`
  return `${who(roles)} decides${people}.`
}

function decideFields(page: GatePage): Html {
  const { view, problems, values, name } = page
  const outcomes = radios({
    name: 'outcome',
    legend: { text: `What happens to this ${subjectWords[view.subject].phase}?`, classes: 'govuk-fieldset__legend--s' },
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
    when: dateWords(each.at, timeZone),
    who: each.by,
    what: html`decided: ${outcomeWords[each.outcome]} <span class="pg-sub">${stoodThen(each.frozen)}</span>`,
    why: each.reason,
    more: movedPast(each.by, each.waiver),
  }))
  return section({ title: 'Decisions at this gate', id: 'decisions' }, historyList(items))
}

/** What the decision rested on, as it was frozen: “33 met, 2 waived. Signed by … Playbook client-beta 1.0. First share 10%.” */
function stoodThen({ criteria, signOffs, missing, firstShare, playbook }: FrozenGate): string {
  const states = [...new Set(criteria.map(({ state }) => state))]
  const counts = states.map(
    (state) => `${criteria.filter((each) => each.state === state).length} ${stateWords[state].toLowerCase()}`,
  )
  const signed = signOffs.flatMap(({ by }) => (by === null ? [] : [by]))
  const parts = [
    counts.join(', '),
    signed.length > 0 && `Signed by ${list(signed)}`,
    missing.length > 0 && `${missing.length} ${missing.length === 1 ? 'thing was' : 'things were'} missing`,
    `Playbook ${playbook.id} ${playbook.version}`,
    firstShare !== null && `First share ${firstShare / 1000}%`,
  ]
  return `${parts.filter((part) => part !== false).join('. ')}.`
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
