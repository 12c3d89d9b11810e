import { longDayWords } from '../../platform/index.ts'
import {
  bullets,
  button,
  details,
  form,
  html,
  input,
  meta,
  select,
  textarea,
  type Html,
} from '../../platform/html/index.ts'
import type { ConditionView } from '../gates.ts'
import type { GatePage } from './gate-page.ts'
import { readingLine } from './words.ts'

/** GATE-19: what the gate asks besides its criteria, each with what it measures and what to do. */
export function conditionList(page: GatePage): Html | null {
  const { view, may } = page
  if (view.conditions.length === 0) return null
  const open = view.conditions.filter(({ asked, holds, waiver }) => isOpen({ asked, holds, waiver }))
  return html`<h3 class="govuk-heading-s">Conditions of this gate</h3>
    ${bullets(...view.conditions.map(item))}
    ${open.length > 0 && (may.waive ? waiverForm(page, open) : meta('The service manager or the risk owner can waive a condition, on record.'))}`
}

function isOpen({ asked, holds, waiver }: Pick<ConditionView, 'asked' | 'holds' | 'waiver'>): boolean {
  return asked.blocks === true && holds !== true && waiver === null
}

function item(each: ConditionView): Html {
  const { asked, holds, waiver } = each
  const says = readingLine(each)
  if (waiver !== null)
    return html`${says}<span class="pg-sub">Waived by ${waiver.by} until ${longDayWords(waiver.endsOn)}: ${waiver.reason}</span>`
  if (holds === true) return says
  const warns = asked.blocks !== true && 'A warning: it keeps nothing shut. '
  return html`${says}<span class="pg-sub">${warns}${asked.remedy}</span>`
}

function waiverForm({ view, home, problems, values }: GatePage, open: ConditionView[]): Html {
  const fields = new Set(['condition', 'why', 'waivedBy', 'endsOn'])
  return details(
    { summary: 'Waive a condition, on record', open: problems.some(({ field }) => fields.has(field ?? '')) },
    form(
      { action: `${home}/gates/${view.gate.id}/condition-waivers` },
      html`${select({
        name: 'condition',
        label: 'Which need not hold',
        items: open.map(({ asked: { id, says } }) => ({ value: id, text: says })),
        problems,
        values,
      })}
      ${textarea({ name: 'why', label: 'Why', rows: 2, problems, values })}
      ${input({ name: 'waivedBy', label: 'Who sees to it', problems, values })}
      ${input({ name: 'endsOn', label: 'Until', type: 'date', classes: 'govuk-input--width-10', problems, values })}
      ${button({ text: 'Waive it', kind: 'secondary' })}`,
    ),
  )
}
