import type { Rule } from '../../../packages/admission/src/index.ts'
import type { Problem } from '../../platform/index.ts'
import {
  actions,
  box,
  button,
  chip,
  dataTable,
  emptyState,
  form,
  hidden,
  html,
  input,
  link,
  paragraph,
  radios,
  section,
  select,
  type Html,
} from '../../platform/html/index.ts'
import { mostRows, rowTests, sayCondition } from '../condition-rows.ts'
import { wholeShare, type Feature } from '../feature.ts'
import { stageOf } from '../stages.ts'

/** What the rules let in, on the page of the feature. */
export function rulesSection(feature: Feature, home: string, maySwitch: boolean): Html {
  const { rules, course } = feature
  const add = maySwitch && actions(button({ text: 'Add a rule', href: `${home}/rule`, kind: 'secondary' }))
  const isShut = course !== null && !['public-release', 'removal'].includes(course.stage)
  const lede = isShut
    ? `Rules count from public release on; in ${stageOf(course.stage).name.toLowerCase()} they let nobody in yet.`
    : 'A rule lets in whoever has certain attributes. The first that holds decides.'
  return section(
    { title: 'Rules', id: 'rules', lede },
    rules.length === 0
      ? emptyState({
          title: 'No rule yet',
          text: 'Let people in by country, plan, device, version, date, network: by whatever the application says of them.',
          action: add,
        })
      : html`${box(rulesTable(rules, { formAt: maySwitch ? `${home}/rule` : null, on: feature.on }))}
        ${add}`,
  )
}

/** `formAt` leads to the form of each rule; `on` is the variant of those that name none, null where there are no variants. */
export function rulesTable(rules: readonly Rule[], { formAt, on }: { formAt: string | null; on: string | null }): Html {
  const nameOf = ({ id, name }: Rule): Html | string => {
    const text = name === '' ? 'Without a name' : name
    return formAt === null ? text : link(text, `${formAt}?id=${encodeURIComponent(id)}`)
  }
  return dataTable({
    caption: 'Rules, in the order in which they are asked',
    hideCaption: true,
    head: [
      { text: 'Rule' },
      { text: 'Lets in', wide: true },
      { text: 'Part' },
      ...(on === null ? [] : [{ text: 'Variant' }]),
    ],
    rows: rules.map((rule) => [
      nameOf(rule),
      sayCondition(rule.when),
      rule.share === wholeShare ? 'All' : `${rule.share / 1000}%`,
      ...(on === null ? [] : [rule.variant ?? chip(on, { tone: 'quiet' })]),
    ]),
  })
}

export interface RuleView {
  /** Where the form goes, and where whoever gives up goes back to. */
  action: string
  back: string
  version: number
  /** What a rule can give to those whom it lets in; empty where that is the same for all. */
  variants: { names: string[]; on: string } | null
  values: Record<string, string>
  problems: Problem[]
}

/** The form of one rule: lines of attribute, test and value. More lines come by a button, without a script. */
export function ruleContent({ action, back, version, variants, values, problems }: RuleView): Html {
  const shared = { problems, values }
  const id = values['id'] ?? ''
  const count = Math.min(mostRows, Math.max(Number(values['rows'] ?? 0) || 0, 2))
  return box(
    form(
      { action },
      html`${hidden('version', values['version'] ?? version)} ${hidden('id', id)} ${hidden('rows', count)}
      ${input({ name: 'ruleName', label: 'Name', hint: 'Such as “Large customers in Germany”', ...shared })}
      ${radios({
        name: 'match',
        legend: 'Of the conditions below',
        classes: 'govuk-radios--inline',
        items: [
          { value: 'all', text: 'all have to hold' },
          { value: 'any', text: 'one is enough' },
        ],
        value: values['match'] ?? 'all',
        problems,
      })}
      ${Array.from({ length: count }, (_, at) => line(at + 1, shared))}
      ${count < mostRows && actions(button({ text: 'Add conditions', kind: 'secondary', name: 'do', value: 'more' }))}
      ${input({
        name: 'percent',
        label: 'Part of those people',
        suffix: '%',
        inputmode: 'decimal',
        classes: 'govuk-input--width-5',
        problems,
        values: { percent: '100', ...values },
      })}
      ${
        variants !== null &&
        select({
          name: 'variant',
          label: 'Variant that they get',
          items: [
            { value: '', text: `The one that is on (${variants.on})` },
            ...variants.names.map((name) => ({ value: name, text: name })),
          ],
          ...shared,
        })
      }
      ${input({ name: 'ruleReason', label: 'Reason', hint: 'Everybody of the team reads it', ...shared })}
      ${actions(
        button({ text: 'Save the rule', name: 'do', value: 'save' }),
        id !== '' && button({ text: 'Remove the rule', kind: 'warning', name: 'do', value: 'remove' }),
        link('Cancel', back),
      )}`,
    ),
  )
}

function line(at: number, shared: { problems: Problem[]; values: Record<string, string> }): Html {
  return html`<fieldset class="govuk-fieldset"><legend class="govuk-fieldset__legend govuk-fieldset__legend--s">Condition ${at}</legend>
    ${input({
      name: `attribute-${at}`,
      label: 'Attribute',
      hint: at === 1 ? 'As the application sends it, such as country' : null,
      spellcheck: false,
      classes: 'govuk-input--width-20',
      ...shared,
    })}
    ${select({
      name: `test-${at}`,
      label: 'Test',
      items: rowTests.map(({ id, says }) => ({ value: id, text: says })),
      ...shared,
    })}
    ${input({
      name: `value-${at}`,
      label: 'Value',
      hint: at === 1 ? 'Several texts or ranges with a comma between. “Is yes” needs none' : null,
      spellcheck: false,
      ...shared,
    })}</fieldset>`
}

/** A rule that the form cannot hold. */
export function ruleOfApi(rules: readonly Rule[], id: string, back: string): Html {
  const rule = rules.find((each) => each.id === id)
  return box(html`${paragraph(rule === undefined ? 'This rule is gone.' : sayCondition(rule.when))}
  ${paragraph('It has more levels than the form: change it by the API.')} ${link('Back', back)}`)
}
