import { details } from '../components/notices.ts'
import { attributes, classes, type Content, type Html, html, isNothing } from '../html.ts'
import { mark, type Mark, verdict, type Verdict } from '../marks.ts'

export interface TallyGroup {
  mark: Mark
  count: number
  /** After the number: "met", "waiting for a verdict". */
  words: Content
}

/** All criteria at one glance: a mark for each, and the numbers in words. */
export const tally = (groups: readonly TallyGroup[]): Html => {
  const all = groups.reduce((sum, { count }) => sum + count, 0)
  const posts = (group: TallyGroup): Html[] =>
    Array.from({ length: group.count }, () => mark(group.mark, all > 24 ? 'm' : 'l'))
  const sets = groups
    .filter(({ count }) => count > 0)
    .map(
      (group) =>
        html`<li class="${classes('pg-strip__set', group.count < 4 && 'pg-strip__set--one')}"><span class="pg-strip__posts">${posts(group)}</span><span class="pg-strip__count"><b>${group.count}</b> ${group.words}</span></li>`,
    )
  return html`<div class="pg-strip"><ul class="pg-strip__marks">${sets}</ul></div>`
}

/** What the data says of a criterion. */
export interface Says {
  kind: 'passes' | 'fails' | 'close' | 'no-data' | 'too-few' | 'stale' | 'none'
  /** "84.2% complete, 82.1 to 86.2, target 80" with the figure in <b>. */
  words: Content
}

const saysMarks: Record<Says['kind'], Mark> = {
  passes: 'passes',
  fails: 'fails',
  close: 'close',
  'no-data': 'no-data',
  'too-few': 'too-few',
  stale: 'confirm',
  none: 'no-data',
}

const saysWords: Record<Says['kind'], string> = {
  passes: 'Passes its rule: ',
  fails: 'Fails its rule: ',
  close: 'Too close to call: ',
  'no-data': '',
  'too-few': '',
  stale: 'Out of date: ',
  none: '',
}

export const dataSays = (says: Says): Html =>
  html`<span class="${classes('pg-says', `pg-says--${says.kind}`)}"
    >${mark(saysMarks[says.kind])}<span
      ><span class="govuk-visually-hidden">${saysWords[says.kind]}</span>${says.words}</span
    ></span
  >`

export interface Criterion {
  id: string
  number?: Content
  title: Content
  href?: string | undefined
  /** Data and people say different things of it. */
  differs?: boolean | undefined
  says: Says
  verdict: Verdict
  /** Who and when. */
  by?: Content
  age?: Content
  isAged?: boolean | undefined
  decides?: Content
  actions?: Content
}

export interface CriterionGroup {
  title: string
  count?: Content
  items: readonly Criterion[]
}

/** The criteria of a gate, group by group: first what is left to look at, and what is settled behind a line that says how much. */
export const criteria = (groups: readonly CriterionGroup[]): Html =>
  html`<div class="pg-crit__heads" aria-hidden="true">
      <span>Criterion</span
      ><span class="pg-crit__grid"
        ><span>What the data says</span><span>What we say</span><span>Age of evidence</span><span>Decides</span></span
      >
    </div>
    ${groups.map(
      ({ title, count, items }) =>
        html`<div class="pg-group">
          <div class="pg-group__head">
            <h3 class="pg-group__title">${title}</h3>
            ${count && html`<p class="pg-meta">${count}</p>`}
          </div>
          ${criterionList(items.filter((item) => !isSettled(item)))} ${settled(title, items.filter(isSettled))}
        </div>`,
    )}`

const criterionList = (items: readonly Criterion[]): Html | null =>
  items.length === 0
    ? null
    : html`<ul class="pg-crits">
        ${items.map(criterion)}
      </ul>`

const settled = (group: string, items: readonly Criterion[]): Html | null => {
  if (items.length === 0) return null
  const words = items.length === 1 ? '1 is settled' : `${items.length} are settled`
  const summary = html`${words}<span class="govuk-visually-hidden">: ${group}</span>`
  return details({ summary, classes: 'pg-settled' }, criterionList(items))
}

/** Met, and nothing speaks against it: neither a figure nor the age of what it rests on. */
const isSettled = (item: Criterion): boolean =>
  item.verdict === 'met' && !item.differs && !item.isAged && (item.says.kind === 'passes' || item.says.kind === 'none')

const criterion = (item: Criterion): Html => {
  const title = item.href
    ? html`<a class="govuk-link" href="${item.href}">${item.title}</a>`
    : html`<span>${item.title}</span>`
  const differs = item.differs && html`<span class="pg-differs">${mark('differs')}Disagrees</span>`
  const shown = attributes({ class: 'pg-crit', id: item.id })
  const age = item.isAged ? html`<span class="pg-old">${item.age}</span>` : item.age
  return html`<li${shown}><div class="pg-crit__head"><h4 class="pg-crit__title"><span class="pg-crit__n">${item.number}</span>${title}</h4>${differs}</div><dl class="pg-crit__grid"><div class="pg-crit__data"><dt>What the data says</dt><dd>${dataSays(item.says)}</dd></div><div class="pg-crit__we"><dt>What we say</dt><dd>${verdict(item.verdict, { by: item.by })}</dd></div><div class="pg-crit__age"><dt>Age of evidence</dt><dd>${isNothing(age) ? 'None' : age}</dd></div><div class="pg-crit__who"><dt>Decides</dt><dd>${item.decides}</dd></div></dl>${item.actions}</li>`
}

export interface Disagreement {
  id: string
  number?: Content
  title: Content
  data: {
    /** "84.2" */
    figure: Content
    unit?: Content
    /** "complete, target 80" */
    sub?: Content
    plot?: Html | undefined
    text?: Content
    /** "From 1,204 starts. Completion rate, definition 2." */
    meta?: Content
  }
  verdict: Verdict
  reason?: Content
  by: Content
  actions?: Content
}

/** The line where the data and the people say different things: the most useful one on the page. */
export const disagreement = (item: Disagreement): Html => {
  const { data } = item
  const title = html`<h3 class="pg-differ__title"><span class="pg-crit__n">${item.number}</span>${item.title}</h3>`
  const figure = html`<p class="pg-differ__fig">
    ${data.figure}${data.unit && html`<span class="pg-unit">${data.unit}</span>`}${data.sub && html`<span class="pg-differ__figsub"> ${data.sub}</span>`}
  </p>`
  const left = html`<div>
    <p class="pg-label pg-label--data">What the data says</p>
    ${figure}${data.plot}${data.text && html`<p>${data.text}</p>`}${data.meta && html`<p class="pg-meta">${data.meta}</p>`}
  </div>`
  const middle = html`<div class="pg-differ__ne">
    ${mark('differs')}<span class="govuk-visually-hidden">disagrees with</span>
  </div>`
  const right = html`<div>
    <p class="pg-label">What we say</p>
    <p class="pg-differ__verdict">${verdict(item.verdict, { large: true })}</p>
    ${item.reason && html`<p class="pg-differ__quote">“${item.reason}”</p>`}
    <p class="pg-meta">${item.by}</p>
  </div>`
  const actions = !isNothing(item.actions) && html`<div class="pg-differ__acts">${item.actions}</div>`
  return html`<article class="pg-differ" id="${item.id}">
    ${title}
    <div class="pg-differ__two">${left}${middle}${right}</div>
    ${actions}
  </article>`
}

export interface SignOff {
  name: Content
  note: Content
  isSigned: boolean
  action?: Content
}

/** Who has signed, and who still has to. */
export const signOffs = (items: readonly SignOff[]): Html =>
  html`<ul class="pg-signs">
    ${items.map(
      ({ name, note, isSigned, action }) =>
        html`<li>
          ${mark(isSigned ? 'met' : 'not-started')}<span
            ><b>${name}</b><span class="pg-sub">${isSigned ? 'Signed. ' : 'Not signed. '}${note}</span>${action}</span
          >
        </li>`,
    )}
  </ul>`
