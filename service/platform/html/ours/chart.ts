import { scaleLinear, scaleTime } from 'd3-scale'
import { details } from '../components/notices.ts'
import { type Content, type Html, html } from '../html.ts'
import { dataTable } from './data-table.ts'
import { type Point, shapes } from './plots.ts'

export interface Series {
  name: string
  arm: 'new' | 'current'
  points: readonly Point[]
}

export interface ChartEvent {
  at: Date
  title: string
  text?: Content
  /** From here on the figure is computed in another way: the lines before and after don't join. */
  newDefinition?: boolean | undefined
}

export interface LineChartOptions {
  id: string
  /** What the chart shows, as a sentence. */
  title: string
  /** The same in more words, for those who can't see it. */
  desc: string
  series: readonly Series[]
  target?: { value: number; words: string } | undefined
  events?: readonly ChartEvent[] | undefined
  domain?: readonly [number, number] | undefined
  formatValue: (value: number) => string
  formatDate: (at: Date) => string
  height?: number | undefined
}

const top = 24
const percent = (share: number): string => `${Math.round(share * 10000) / 100}%`
const round = (value: number): number => Math.round(value * 10) / 10

/** Lines over time with their intervals, the target, what happened, and the figures behind them in a table. */
export const lineChart = (options: LineChartOptions): Html => {
  const height = options.height ?? 200
  const all = options.series.flatMap((series) => series.points)
  const points = all.filter(({ value }) => value !== null)
  const begin = Math.min(...all.map(({ at }) => at.getTime()))
  const known = (options.events ?? []).filter(({ at }) => at.getTime() >= begin)
  // The axis begins with the first figure or event: a long empty stretch would say nothing.
  const times = [...points, ...known].map(({ at }) => at.getTime())
  const values = points
    .flatMap(({ value, low, high }) => [value, low, high])
    .concat(options.target?.value ?? [])
    .filter((value): value is number => typeof value === 'number')
  // A target or an event alone spans no time.
  if (points.length === 0) return html`<p class="pg-quiet">No data yet.</p>`
  const [start, end] = [new Date(Math.min(...times)), new Date(Math.max(...times))]
  const x = scaleTime().domain([start, end]).range([0, 1])
  const y = scaleLinear()
    .domain(options.domain ?? [Math.min(...values), Math.max(...values)])
    .range([top + height, top])
  if (!options.domain) y.nice(4)
  const events = (options.events ?? []).filter(({ at }) => at >= start && at <= end)
  const target =
    options.target &&
    html`<line
      class="pg-c-target"
      x1="0"
      x2="100%"
      y1="${round(y(options.target.value))}"
      y2="${round(y(options.target.value))}"
    />`
  const marks = events.map((event, index) => eventMark(event, index, x(event.at), height))
  const titles = html`<title id="${options.id}-title">${options.title}</title>
    <desc id="${options.id}-desc">${options.desc}</desc>`
  const chart = html`<svg
    class="pg-chart"
    id="${options.id}"
    width="100%"
    height="${top + height + 26}"
    role="img"
    aria-labelledby="${options.id}-title"
    aria-describedby="${options.id}-desc"
  >
    ${titles}${grid(y, options.formatValue)}${bands(options, events, x, y, height)}${target}${lines(options, events, x, y, height)}${lastDots(options.series, x, y)}${dates(x, options.formatDate, height)}${marks}
  </svg>`
  const notes =
    events.length > 0 &&
    html`<ol class="pg-notes">
      ${events.map((event) => html`<li><b>${options.formatDate(event.at)}: ${event.title}.</b> ${event.text}</li>`)}
    </ol>`
  return html`<figure class="pg-figure-box">
    ${legend(options)}${chart}
    <figcaption>${notes}${details({ summary: html`The figures behind this chart<span class="govuk-visually-hidden">: ${options.title}</span>` }, figures(options))}</figcaption>
  </figure>`
}

const legend = (options: LineChartOptions): Html => {
  const sample = (content: Html, words: string): Html =>
    html`<li>
      <svg class="pg-key__s" width="22" height="12" aria-hidden="true" focusable="false">${content}</svg>${words}
    </li>`
  const series = options.series.map(({ name, arm, points }) => {
    const hasBand = arm === 'new' && points.some(({ low }) => typeof low === 'number')
    const band = hasBand && html`<rect class="pg-c-band" x="0" y="0" width="22" height="12" />`
    const kind = arm === 'new' ? 'pg-c-line' : 'pg-c-legacy'
    return sample(
      html`${band}<line class="${kind}" x1="0" x2="22" y1="6" y2="6" />`,
      hasBand ? `${name}, with interval` : name,
    )
  })
  const target =
    options.target && sample(html`<line class="pg-c-target" x1="0" x2="22" y1="6" y2="6" />`, options.target.words)
  return html`<ul class="pg-key">
    ${series}${target}
  </ul>`
}

type Y = ReturnType<typeof scaleLinear<number, number>>
type X = ReturnType<typeof scaleTime<number, number>>

const grid = (y: Y, format: (value: number) => string): Html[] =>
  y.ticks(4).map((tick) => {
    const at = round(y(tick))
    return html`<line class="pg-c-grid" x1="0" x2="100%" y1="${at}" y2="${at}" /><text x="100%" dx="8" y="${at}" dy="4"
        >${format(tick)}</text
      >`
  })

// Text is never scaled: only the paths stretch with the page.
const stretched = (height: number, content: Content): Html =>
  html`<svg
    x="0"
    y="0"
    width="100%"
    height="${top + height}"
    viewBox="0 0 1000 ${top + height}"
    preserveAspectRatio="none"
  >
    ${content}
  </svg>`

/** The stretches of a series between changes of its definition. */
const pieces = (points: readonly Point[], events: readonly ChartEvent[]): Point[][] => {
  const breaks = events.filter(({ newDefinition }) => newDefinition).map(({ at }) => at.getTime())
  const found: Point[][] = breaks.map(() => [])
  found.push([])
  for (const point of points) found[breaks.filter((at) => at <= point.at.getTime()).length]?.push(point)
  return found.filter((piece) => piece.length > 0)
}

const bands = (options: LineChartOptions, events: readonly ChartEvent[], x: X, y: Y, height: number): Html =>
  stretched(
    height,
    options.series
      .filter(({ arm }) => arm === 'new')
      .flatMap(({ points }) =>
        pieces(points, events).map(
          (piece) => html`<path class="pg-c-band" d="${shapes(piece, (at) => x(at) * 1000, y).band}" />`,
        ),
      ),
  )

const lines = (options: LineChartOptions, events: readonly ChartEvent[], x: X, y: Y, height: number): Html =>
  stretched(
    height,
    [...options.series]
      .sort((a, b) => a.arm.localeCompare(b.arm))
      .flatMap(({ points, arm }) =>
        pieces(points, events).map(
          (piece) =>
            html`<path
              class="${arm === 'new' ? 'pg-c-line' : 'pg-c-legacy'}"
              d="${shapes(piece, (at) => x(at) * 1000, y).curve}"
            />`,
        ),
      ),
  )

const lastDots = (series: readonly Series[], x: X, y: Y): Html[] =>
  series.flatMap(({ points, arm }) => {
    const last = points.filter(({ value }) => value !== null).at(-1)
    if (!last || last.value === null) return []
    const kind = arm === 'new' ? 'pg-c-dot' : 'pg-c-dot pg-c-dot--legacy'
    return html`<circle class="${kind}" cx="${percent(x(last.at))}" cy="${round(y(last.value))}" r="3.5" />`
  })

const dates = (x: X, format: (at: Date) => string, height: number): Html[] => {
  const [start, end] = x.domain()
  if (!start || !end) return []
  const at = [0, 0.25, 0.5, 0.75, 1].map(
    (share) => new Date(start.getTime() + share * (end.getTime() - start.getTime())),
  )
  return at.map((date, index) => {
    const anchor = index === 0 ? ' pg-c-x--start' : index === 4 ? ' pg-c-x--end' : ''
    const wide = index === 1 || index === 3 ? ' pg-c-x--wide' : ''
    const where = percent(x(date))
    return html`<line
        class="pg-c-tick"
        x1="${where}"
        x2="${where}"
        y1="${top + height}"
        y2="${top + height + 5}"
      /><text class="${`pg-c-x${anchor}${wide}`}" x="${where}" y="${top + height + 20}">${format(date)}</text>`
  })
}

const eventMark = (event: ChartEvent, index: number, at: number, height: number): Html => {
  const where = percent(at)
  const kind = event.newDefinition ? 'pg-c-break' : 'pg-c-event'
  return html`<line class="${kind}" x1="${where}" x2="${where}" y1="${top - 6}" y2="${top + height}" /><g
      class="pg-c-note"
      ><circle cx="${where}" cy="${top - 14}" r="9" /><text x="${where}" y="${top - 10}">${index + 1}</text></g
    >`
}

const figures = (options: LineChartOptions): Html => {
  const times = [...new Set(options.series.flatMap(({ points }) => points.map(({ at }) => at.getTime())))].sort(
    (a, b) => a - b,
  )
  const cell = (point: Point | undefined): Content => {
    if (!point || point.value === null) return 'No data'
    const hasInterval = typeof point.low === 'number' && typeof point.high === 'number'
    const interval =
      hasInterval &&
      html`<span class="pg-sub"
        >${options.formatValue(point.low ?? 0)} to ${options.formatValue(point.high ?? 0)}</span
      >`
    return html`${options.formatValue(point.value)}${interval}`
  }
  return dataTable({
    caption: options.title,
    hideCaption: true,
    head: [{ text: 'Date' }, ...options.series.map(({ name }) => ({ text: name, numeric: true }))],
    rows: times.map((time) => [
      options.formatDate(new Date(time)),
      ...options.series.map(({ points }) => cell(points.find(({ at }) => at.getTime() === time))),
    ]),
  })
}
