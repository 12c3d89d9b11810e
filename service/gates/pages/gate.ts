import { roleNames, type Problem, type ServiceRole } from '../../platform/index.ts'
import {
  actions,
  box,
  bullets,
  button,
  checkboxes,
  criteria,
  details,
  disagreement,
  emptyState,
  facts,
  form,
  historyList,
  html,
  input,
  intervalBar,
  link,
  liveRegion,
  meta,
  paragraph,
  radios,
  section,
  signOffs,
  split,
  stepList,
  tally,
  textarea,
  type Content,
  type Html,
  type Values,
} from '../../platform/html/index.ts'
import type { CriterionView, Decision, GateView, RuleReading, SignOffView } from '../gates.ts'
import { missingInWords } from '../freeze.ts'
import { isAgainstData, list, nextThings, roleThatDecides } from '../rules.ts'
import {
  ageWords,
  byWords,
  dayWords,
  figure,
  isAged,
  momentWords,
  mostTelling,
  ruleWords,
  saysOf,
  shapes,
  who,
} from './words.ts'

export const filters = ['all', 'mine', 'missing', 'disagree'] as const
export type Filter = (typeof filters)[number]
const filterNames: Record<Filter, string> = {
  all: 'All',
  mine: 'Waiting for me',
  missing: 'Missing',
  disagree: 'Disagree',
}

export interface GatePage {
  view: GateView
  home: string
  timeZone: string
  filter: Filter
  roles: ServiceRole[]
  may: { decide: boolean; sign: boolean }
  /** Everybody on the team, for the sign-offs. */
  members: { name: string; role: ServiceRole }[]
  decisions: Decision[]
  others: { name: string; href: string }[]
  groups: { id: string; name: string }[]
  newerPlaybook: string | null
  name: string
  today: string
  problems: Problem[]
  values: Values
}

export function gateLede({ criteria: all, counts, missing, againstData, gate }: GateView): string {
  const met = `${counts.met} of ${all.length} criteria are met${againstData > 0 ? `, ${againstData} against the data` : ''}.`
  const phase = missing.find(({ kind }) => kind === 'phase')
  if (phase?.kind === 'phase')
    return `${met} The service is in ${phase.phase.toLowerCase()}; this gate ends ${gate.from.replaceAll('-', ' ')}.`
  if (missing.length === 0)
    return `${met} Nothing is missing: the gate can open${counts.waived > 0 ? ', with actions' : ''}.`
  const count = (kind: string, one: string, many: string) => {
    const n = missing.filter((item) => item.kind === kind).length
    return n === 0 ? [] : [`${n} ${n === 1 ? one : many}`]
  }
  const parts = [
    ...count('criterion', 'criterion', 'criteria'),
    ...count('signal', 'blocking signal', 'blocking signals'),
    ...count('sign-off', 'sign-off', 'sign-offs'),
  ]
  const waived =
    counts.waived === 0 ? '' : ` ${counts.waived === 1 ? 'One criterion is' : `${counts.waived} criteria are`} waived.`
  return `${met} The gate can’t open yet: ${list(parts)} ${missing.length === 1 ? 'stands' : 'stand'} before it.${waived}`
}

export function gateAside({ view }: GatePage): Html {
  const { gate, playbook, plannedFor } = view
  return facts([
    { name: gate.assessment ?? 'Gate date', value: plannedFor === null ? 'No date set' : dayWords(plannedFor) },
    { name: 'Playbook', value: `${playbook.name} ${playbook.version}` },
  ])
}

export function gateContent(page: GatePage): Html {
  const { view } = page
  const differing = view.criteria.filter(isAgainstData)
  return html`${liveRegion('gate-tally', tallyOf(view))}
    ${differing.length > 0 && disagreements(page, differing)}
    ${split('3', nextThree(page), signOffList(page), standsBefore(page))} ${allCriteria(page)} ${decide(page)}
    ${page.decisions.length > 0 && decisionList(page)} ${about(page)}`
}

function tallyOf({ counts, criteria: all }: GateView): Html {
  const against = all.filter((each) => each.state === 'met' && isAgainstData(each)).length
  return tally([
    { mark: 'met', count: counts.met, words: against > 0 ? `met, ${against} against the data` : 'met' },
    { mark: 'evidenced', count: counts.evidenced, words: 'waiting for a verdict' },
    {
      mark: 'confirm',
      count: counts['needs-confirming'],
      words: counts['needs-confirming'] === 1 ? 'needs confirming' : 'need confirming',
    },
    { mark: 'not-met', count: counts['not-met'], words: 'not met' },
    { mark: 'waived', count: counts.waived, words: 'waived' },
    { mark: 'not-started', count: counts['not-started'], words: 'not started' },
  ])
}

// Where data and people disagree

function disagreements(page: GatePage, differing: CriterionView[]): Html {
  const words =
    differing.length === 1 ? '1 criterion. Read it first.' : `${differing.length} criteria. Read these first.`
  return section(
    { title: 'Where data and people disagree', id: 'disagree', aside: meta(words) },
    html`<div class="pg-differs-list">${differing.map((view) => differ(page, view))}</div>`,
  )
}

function differ(page: GatePage, view: CriterionView): Html {
  const { criterion, verdict, readings } = view
  const shown = view.disputed
    ? readings.find(({ asked, holds }) => asked.disputes === true && holds === false)
    : mostTelling(readings)
  return disagreement({
    id: `differ-${criterion.id}`,
    number: criterion.number,
    title: criterion.title,
    data: shown === undefined || shown === null ? { figure: 'No data' } : saysInFull(page, shown, view.disputed),
    verdict: verdict === null ? 'not-started' : verdict.kind,
    reason: verdict?.reason,
    by:
      verdict === null
        ? ''
        : `${verdict.by}, ${roleNames[verdict.role].toLowerCase()}, ${momentWords(verdict.at, page.timeZone)}`,
    actions: html`${button({ text: html`Decide again<span class="govuk-visually-hidden"> on criterion ${criterion.number}</span>`, href: criterionHref(page, view), kind: 'secondary' })}
    ${shown && link('See the data', shown.reading.href, { hidden: `behind criterion ${criterion.number}` })}`,
  })
}

function saysInFull({ timeZone }: GatePage, each: RuleReading, disputed: boolean) {
  const { reading, signal, window, asked } = each
  const period = `${momentWords(window.from, timeZone)} to ${momentWords(window.to, timeZone)}`
  if (reading.kind !== 'value')
    return { figure: reading.kind === 'no-data' ? 'No data' : 'Too few', sub: signal.says, meta: period }
  const { value, low, high, n } = reading
  const hasInterval = low !== undefined && high !== undefined
  const from = n === null ? '' : `From ${n.toLocaleString('en-GB')}. `
  const definition = signal.definition === undefined ? '' : `${signal.definition}. `
  return {
    figure: figure(value, signal.unit),
    sub: `${signal.says}, ${ruleWords(each) ?? 'no rule'}`,
    plot: hasInterval && signal.unit === 'percent' ? bar(value, low, high, asked.value) : undefined,
    text: disputed ? 'A complaint disputes this criterion by itself. Answer it, or look again.' : null,
    meta: `${from}${definition}${period}`,
  }
}

function bar(value: number, low: number, high: number, target: number | undefined): Html {
  const lowest = Math.max(0, Math.floor((Math.min(low, target ?? low) - 10) / 10) * 10)
  const words = `${value.toFixed(1)} percent, interval ${low.toFixed(1)} to ${high.toFixed(1)}${target === undefined ? '' : `, rule ${target}`}`
  return intervalBar({ value, low, high, target, domain: [lowest, 100], label: words })
}

function criterionHref({ home, view }: GatePage, { criterion }: CriterionView): string {
  return `${home}/gates/${view.gate.id}/criteria/${criterion.id}`
}

// Three columns: what next, who signs, what stands before it

function nextThree(page: GatePage): Html {
  const things = nextThings(page.view)
  const content =
    things.length === 0
      ? paragraph('Every criterion has its verdict.')
      : stepList(
          things.map(({ criterion, what, who: roles }) => ({
            title: criterion.title,
            href: `${page.home}/gates/${page.view.gate.id}/criteria/${criterion.id}`,
            text: `${what}. ${who(roles)}, criterion ${criterion.number}`,
          })),
        )
  return section({ title: 'The next three things', id: 'next', tight: true }, content)
}

function signOffList(page: GatePage): Html {
  const { view, roles } = page
  const items = view.signOffs.map((each) => {
    const { asked, given, invalidBecause } = each
    const counts = given !== null && invalidBecause === null
    const mine = roles.includes(asked.role) && !counts && page.may.sign && page.view.gate.from !== ''
    return {
      name: given?.by ?? nameOf(page, each),
      isSigned: counts,
      note: html`${roleNames[asked.role]}${asked.independent === true && ', independent'}. “${asked.says}”${
        counts ? `. ${momentWords(given.at, page.timeZone)}` : invalidBecause !== null && `. ${invalidBecause}`
      }`,
      action: mine ? signForm(page, each) : undefined,
    }
  })
  return section({ title: 'Sign-offs', id: 'sign-offs', tight: true }, signOffs(items))
}

function nameOf({ members }: GatePage, { asked }: SignOffView): string {
  const names = members.filter(({ role }) => role === asked.role).map(({ name }) => name)
  return names.length === 0 ? 'Nobody has this role yet' : list(names)
}

function signForm({ home, view, problems, values }: GatePage, { asked }: SignOffView): Html {
  const name = `note-${asked.role}`
  return details(
    { summary: `Sign as ${roleNames[asked.role].toLowerCase()}`, open: problems.some(({ field }) => field === name) },
    form(
      { action: `${home}/gates/${view.gate.id}/sign-offs` },
      html`<input type="hidden" name="role" value="${asked.role}" />
        ${textarea({ name, label: 'Note (optional)', rows: 2, problems, values })} ${button({ text: 'Sign' })}`,
    ),
  )
}

function standsBefore({ view }: GatePage): Html {
  const shown = view.missing.slice(0, 6).map((item) => missingInWords(item))
  const rest = view.missing.length - shown.length
  const content =
    shown.length === 0
      ? paragraph('Nothing. Only the decision is left.')
      : html`${bullets(...shown)}${rest > 0 && html`<p class="govuk-body">${link(`and ${rest} more`, '?show=missing#all')}</p>`}`
  return section({ title: 'What stands before it', id: 'before', tight: true }, content)
}

// All criteria

function allCriteria(page: GatePage): Html {
  const { view, groups, filter } = page
  const shown = view.criteria.filter((each) => fits(each, page))
  const inGroups = groups
    .map(({ id, name }) => ({
      name,
      of: view.criteria.filter(({ criterion }) => criterion.group === id),
      items: shown.filter(({ criterion }) => criterion.group === id),
    }))
    .filter(({ items }) => items.length > 0)
    .map(({ name, of, items }) => ({ title: name, count: groupCount(of), items: items.map((each) => row(page, each)) }))
  const content =
    shown.length === 0
      ? emptyState({
          title: 'No criterion fits this filter',
          action: link(`Show all ${view.criteria.length}`, '?show=all#all'),
        })
      : criteria(inGroups)
  return section(
    {
      title:
        filter === 'all'
          ? `All ${view.criteria.length} criteria`
          : `${shown.length} of ${view.criteria.length} criteria`,
      id: 'all',
    },
    html`${filterLinks(page)}${content}`,
  )
}

function fits(each: CriterionView, { filter, roles }: Pick<GatePage, 'filter' | 'roles'>): boolean {
  const open = each.state !== 'met' && each.state !== 'waived'
  if (filter === 'mine') return open && roleThatDecides(each.criterion, roles) !== null
  if (filter === 'missing') return open
  return filter === 'disagree' ? isAgainstData(each) : true
}

function filterLinks(page: GatePage): Html {
  const items = filters.map((name) => {
    const count = page.view.criteria.filter((each) => fits(each, { ...page, filter: name })).length
    const words = html`${filterNames[name]} <span class="pg-sub-i">${count}</span>`
    const here = name === page.filter
    return html`<li>${here ? html`<b aria-current="true">${words}</b>` : html`<a class="govuk-link" href="?show=${name}#all">${words}</a>`}</li>`
  })
  return html`<nav aria-label="Show criteria"><ul class="pg-inline pg-filters">${items}</ul></nav>`
}

function groupCount(of: CriterionView[]): string {
  const count = (state: CriterionView['state']) => of.filter((each) => each.state === state).length
  const waived = count('waived')
  return `${of.length === 1 ? '1 criterion' : `${of.length} criteria`}, ${count('met')} met${waived > 0 ? `, ${waived} waived` : ''}`
}

function row(page: GatePage, view: CriterionView) {
  const { criterion, state, age } = view
  const disputed = view.disputed && view.disagrees === null
  return {
    id: `c-${criterion.id}`,
    number: criterion.number,
    title: disputed ? html`${criterion.title} <span class="pg-sub">Disputed by a complaint</span>` : criterion.title,
    href: criterionHref(page, view),
    differs: isAgainstData(view),
    says: saysOf(view),
    verdict: shapes[state],
    by: byWords(view, page.timeZone),
    age: ageWords(age),
    isAged: isAged(age),
    decides: who(criterion.decides),
  }
}

// Decide

function decide(page: GatePage): Html {
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
      hint: possible ? says : because,
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

function decisionList({ decisions, timeZone }: GatePage): Html {
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

function about(page: GatePage): Html {
  const { view, home, may, others, newerPlaybook, problems, values } = page
  const dateForm =
    may.decide &&
    details(
      { summary: 'Set the gate’s date', open: problems.some(({ field }) => field === 'day') },
      form(
        { action: `${home}/gates/${view.gate.id}/date` },
        html`${input({
          name: 'day',
          label: 'Date',
          hint: 'For example 2026-12-09. The age of evidence is judged on this day. Leave it empty for none.',
          type: 'date',
          classes: 'govuk-input--width-10',
          value: typeof values.day === 'string' ? values.day : (view.plannedFor ?? ''),
          problems,
        })}
        ${button({ text: 'Set the date', kind: 'secondary' })}`,
      ),
    )
  const links: Content[] = [
    ...others.map(({ name, href }) => link(name, href)),
    link(
      newerPlaybook === null ? 'The playbook' : `The playbook (version ${newerPlaybook} is out)`,
      `${home}/playbook`,
    ),
  ]
  return section({ title: 'About this gate', id: 'about' }, html`${box(html`${dateForm}${actions(...links)}`)}`)
}
