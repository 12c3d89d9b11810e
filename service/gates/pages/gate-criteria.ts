import { criteria, emptyState, html, link, section, type Html } from '../../platform/html/index.ts'
import type { CriterionView } from '../gates.ts'
import { isAgainstData } from '../rules.ts'
import { criterionHref, filters, type Filter, type GatePage } from './gate-page.ts'
import { ageWords, byWords, isAged, saysOf, shapes, who } from './words.ts'

const filterNames: Record<Filter, string> = {
  all: 'All',
  mine: 'Waiting for me',
  missing: 'Missing',
  disagree: 'Disagree',
}

/** Every criterion in its group, or those that a filter leaves. */
export function allCriteria(page: GatePage): Html {
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
      lede:
        filter === 'all' &&
        'Folded is what is settled: met, on evidence in date, with no figure and no complaint against it.',
    },
    html`${filterLinks(page)}${content}`,
  )
}

function fits(each: CriterionView, { filter, roles }: Pick<GatePage, 'filter' | 'roles'>): boolean {
  const open = each.state !== 'met' && each.state !== 'waived'
  if (filter === 'mine') return open && each.criterion.decides.some((role) => roles.includes(role))
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
