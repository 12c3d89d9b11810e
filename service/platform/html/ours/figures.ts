import { details } from '../components/notices.ts'
import { classes, type Content, type Html, html, isNothing } from '../html.ts'
import { chip, type Mark } from '../marks.ts'
import { differenceBar, intervalBar, type IntervalOptions, sparkline, type SparklineOptions } from './plots.ts'
import { facts, type Named } from './section.ts'

/** How a figure came about. Every figure has one. */
export interface Definition {
  /** In one sentence: "People who reached an ending, of those who started." */
  says: Content
  version: Content
  period: Content
  /** In words: "from 1,204 starts". */
  from: Content
  interval?: Content
  source: Content
  href?: string | undefined
}

export const definition = (options: Definition, summary: Content = 'How this figure is made'): Html =>
  details(
    { summary, classes: 'pg-definition' },
    html`<p>${options.says}</p>
      ${facts([
        { name: 'Formula', value: options.version },
        { name: 'Period', value: options.period },
        { name: 'Based on', value: options.from },
        !isNothing(options.interval) && { name: 'Interval', value: options.interval },
        { name: 'Source', value: options.source },
      ])}${options.href && html`<p><a class="govuk-link" href="${options.href}">More about this measure</a></p>`}`,
  )

export type FigureStatus = 'above' | 'below' | 'close' | 'no-target'

export type FigureReading =
  | { kind: 'value'; value: Content; unit?: Content }
  | { kind: 'no-data'; words?: Content }
  | { kind: 'too-few'; n: number; needed: number; of?: string }

export interface FigureOptions {
  name: Content
  href?: string | undefined
  reading: FigureReading
  /** Against its target, in words: the whole interval clear of it, short of it, or too close to call. */
  status?: { kind: FigureStatus; words: Content } | undefined
  interval?: IntervalOptions | undefined
  facts?: readonly (Named | null | undefined | false)[] | undefined
  trend?: SparklineOptions | undefined
  definition?: Definition | undefined
}

const statusMarks: Record<FigureStatus, Mark | undefined> = {
  above: 'passes',
  below: 'fails',
  close: 'close',
  'no-target': undefined,
}

const statusChip = (status: NonNullable<FigureOptions['status']>): Html => {
  const shape = statusMarks[status.kind]
  const tone = { above: 'data', below: 'watch', close: 'data', 'no-target': 'quiet' } as const
  return chip(status.words, { tone: tone[status.kind], ...(shape && { mark: shape }) })
}

const figureValue = (reading: FigureReading): Html => {
  if (reading.kind === 'value') {
    return html`<p class="pg-kpi__value">
      ${reading.value}${reading.unit && html`<span class="pg-unit">${reading.unit}</span>`}
    </p>`
  }
  const words = reading.kind === 'no-data' ? (reading.words ?? 'No data') : 'Too few'
  return html`<p class="pg-kpi__value"><span class="pg-kpi__word">${words}</span></p>`
}

const figureState = (options: FigureOptions): Content => {
  if (options.reading.kind === 'too-few') {
    const { n, needed, of } = options.reading
    return chip(`${n} of ${needed} ${of ? `${of} ` : ''}needed`, { mark: 'too-few' })
  }
  if (options.reading.kind === 'no-data') return chip('Nothing measured yet', { mark: 'no-data' })
  return options.status && statusChip(options.status)
}

/** A figure with everything that belongs to it: target, interval, number of people, period, definition. */
export const figureTile = (options: FigureOptions, level: 'li' | 'div' = 'div'): Html => {
  const name = options.href ? html`<a class="govuk-link" href="${options.href}">${options.name}</a>` : options.name
  const state = figureState(options)
  const content = html`<h3 class="pg-kpi__name">${name}</h3>
    ${figureValue(options.reading)}${(level === 'li' || !isNothing(state)) && html`<div class="pg-kpi__state">${state}</div>`}${
      options.interval ? intervalBar(options.interval) : html`<div class="pg-int pg-int--none"></div>`
    }${options.facts && facts(options.facts)}${options.trend && sparkline(options.trend)}${options.definition && definition(options.definition)}`
  return level === 'li'
    ? html`<li class="pg-kpi">${content}</li>`
    : html`<div class="pg-kpi pg-kpi--alone">${content}</div>`
}

/** Up to four figures side by side. */
export const kpiStrip = (figures: readonly FigureOptions[]): Html =>
  html`<ul class="${classes('pg-kpis', `pg-kpis--${figures.length}`)}">
    ${figures.map((figure) => figureTile(figure, 'li'))}
  </ul>`

export interface ComparisonRow {
  name: Content
  note?: Content
  new: { value: Content; from: Content }
  current: { value: Content; from: Content }
  difference:
    | {
        kind: 'value'
        value: number
        low: number
        high: number
        isBetterHigher: boolean
        /** "12.7 points higher" */
        words: Content
        /** "10.1 to 15.3" */
        range: Content
      }
    | { kind: 'none'; words: Content }
}

export interface ComparisonOptions {
  caption: string
  rows: readonly ComparisonRow[]
  /** What may be concluded, and what not: "People in the beta were invited, not drawn by lot …" */
  note?: Content
}

/** The new service beside the current one. One interval: that of the difference. */
export const comparison = (options: ComparisonOptions): Html => {
  const rows = options.rows.map((row) => {
    const name = html`<th scope="row" class="govuk-table__header" role="rowheader">
      ${row.name}${row.note && html`<span class="pg-sub">${row.note}</span>`}
    </th>`
    return html`<tr class="govuk-table__row" role="row">
      ${name}
      <td class="govuk-table__cell govuk-table__cell--numeric" role="cell" data-label="New">
        <span class="pg-val pg-val--beta">${row.new.value}</span><span class="pg-sub">${row.new.from}</span>
      </td>
      <td class="govuk-table__cell govuk-table__cell--numeric" role="cell" data-label="Current">
        <span class="pg-val">${row.current.value}</span><span class="pg-sub">${row.current.from}</span>
      </td>
      <td class="govuk-table__cell pg-compare__plot" role="cell" data-label="Difference">${difference(row)}</td>
    </tr>`
  })
  return html`<table class="govuk-table pg-table pg-compare pg-cards" role="table">
      <caption class="govuk-visually-hidden">
        ${options.caption}
      </caption>
      <thead class="govuk-table__head" role="rowgroup">
        <tr class="govuk-table__row" role="row">
          <th scope="col" class="govuk-table__header" role="columnheader">Measure</th>
          <th scope="col" class="govuk-table__header govuk-table__header--numeric" role="columnheader">New</th>
          <th scope="col" class="govuk-table__header govuk-table__header--numeric" role="columnheader">Current</th>
          <th scope="col" class="govuk-table__header pg-compare__axis" role="columnheader">
            <span class="govuk-visually-hidden">Difference. </span
            ><span class="pg-compare__ends"><span>New is worse</span><span>New is better</span></span>
          </th>
        </tr>
      </thead>
      <tbody class="govuk-table__body" role="rowgroup">
        ${rows}
      </tbody>
    </table>
    ${options.note && html`<p class="pg-meta">${options.note}</p>`}`
}

const difference = ({ difference: found, name }: ComparisonRow): Html => {
  if (found.kind === 'none') return html`<span class="pg-quiet">${found.words}</span>`
  const furthest = Math.max(Math.abs(found.low), Math.abs(found.high), Math.abs(found.value))
  const bar = differenceBar({
    ...found,
    reach: furthest * 1.25 || 1,
    label: html`${name}: ${found.words}, interval ${found.range}`.toString().replace(/<[^>]*>/g, ''),
  })
  return html`${bar}<span class="pg-sub"><b class="pg-strong">${found.words}</b>, ${found.range}</span>`
}
