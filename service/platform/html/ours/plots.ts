import { scaleLinear } from 'd3-scale'
import { area, line } from 'd3-shape'
import { attributes, classes, type Content, type Html, html } from '../html.ts'

const percent = (share: number): string => `${Math.round(share * 10000) / 100}%`
const round = (value: number): number => Math.round(value * 100) / 100

export interface MeterOptions {
  value: number
  max: number
  /** Places that are promised: drawn lighter after the value. */
  held?: number | undefined
  /** All of it in words: "418 of 500 places taken, 41 held by open invitations". */
  label: string
  tone?: 'data' | 'ink' | undefined
  size?: 'thin' | 'normal' | 'tall' | undefined
}

/** How full something is. */
export const meter = (options: MeterOptions): Html => {
  const scale = scaleLinear()
    .domain([0, Math.max(options.max, 1)])
    .range([0, 1])
    .clamp(true)
  const taken = scale(options.value)
  const held = scale(options.value + (options.held ?? 0)) - taken
  const size = options.size ?? 'normal'
  const height = { thin: 6, normal: 12, tall: 16 }[size]
  const tone = options.tone ?? 'data'
  return html`<svg
    class="${classes('pg-meter', `pg-meter--${size}`)}"
    width="100%"
    height="${height}"
    role="img"
    aria-label="${options.label}"
  >
    <rect class="pg-meter__bed" x="0" y="0" width="100%" height="100%" />
    <rect class="pg-meter__held" x="${percent(taken)}" y="0" width="${percent(held)}" height="100%" />
    <rect class="pg-meter__${tone}" x="0" y="0" width="${percent(taken)}" height="100%" />
  </svg>`
}

export interface IntervalOptions {
  value: number
  low?: number | undefined
  high?: number | undefined
  target?: number | undefined
  /** The ends of the axis. */
  domain: readonly [number, number]
  label: string
}

/** A figure with its interval on an axis, and the target as a post. */
export const intervalBar = (options: IntervalOptions): Html => {
  const scale = scaleLinear().domain(options.domain).range([0, 1]).clamp(true)
  return plot(options, scale, options.target === undefined ? null : postAt(scale(options.target)))
}

const postAt = (at: number): Html =>
  html`<line class="pg-int__target" x1="${percent(at)}" x2="${percent(at)}" y1="2" y2="24" />`

const plot = (
  options: { value: number; low?: number | undefined; high?: number | undefined; label: string },
  scale: (value: number) => number,
  post: Content,
  kind = '',
): Html => {
  const low = scale(options.low ?? options.value)
  const high = scale(options.high ?? options.value)
  const ends = [Math.min(low, high), Math.max(low, high)] as const
  return html`<svg class="${classes('pg-int', kind)}" width="100%" height="26" role="img" aria-label="${options.label}">
    <line class="pg-int__axis" x1="0" x2="100%" y1="13" y2="13" />
    <rect class="pg-int__band" x="${percent(ends[0])}" y="8" width="${percent(ends[1] - ends[0])}" height="10" rx="2" />
    ${post}
    <circle class="pg-int__dot" cx="${percent(scale(options.value))}" cy="13" r="4.5" />
  </svg>`
}

/** A difference with its interval; the middle is "no difference", the right half is better for the new service. */
export const differenceBar = (options: {
  value: number
  low: number
  high: number
  /** The half width of the axis, in the unit of the difference. */
  reach: number
  isBetterHigher: boolean
  label: string
}): Html => {
  const sign = options.isBetterHigher ? 1 : -1
  const scale = scaleLinear().domain([-options.reach, options.reach]).range([0, 1]).clamp(true)
  const zero = html`<line class="pg-int__zero" x1="50%" x2="50%" y1="0" y2="26" />`
  return plot(options, (value) => scale(value * sign), zero, 'pg-int--diff')
}

export interface Point {
  at: Date
  /** Null where there is no data, or too little: the line has a gap. */
  value: number | null
  low?: number | null | undefined
  high?: number | null | undefined
}

export interface SparklineOptions {
  points: readonly Point[]
  target?: number | undefined
  label: string
  height?: number | undefined
}

/** A small line without axes, as wide as its place. The figures stand beside it. */
export const sparkline = (options: SparklineOptions): Html | null => {
  const height = options.height ?? 46
  const shown = options.points.filter((point) => point.value !== null)
  const first = shown[0]
  const last = shown.at(-1)
  if (!first || !last || shown.length < 2) return null
  const values = options.points.flatMap(({ value, low, high }) => [value, low, high]).concat(options.target ?? [])
  const known = values.filter((value): value is number => typeof value === 'number')
  const x = scaleLinear().domain([first.at.getTime(), last.at.getTime()]).range([0, 1000])
  const y = scaleLinear()
    .domain([Math.min(...known), Math.max(...known)])
    .range([height - 4, 4])
  const { curve, band } = shapes(options.points, (at) => x(at.getTime()), y)
  const target =
    options.target === undefined ? null : html`<path class="pg-c-target" d="M0 ${round(y(options.target))}H1000" />`
  return html`<svg class="pg-spark" width="100%" height="${height}" role="img" aria-label="${options.label}">
    <svg x="0" y="0" width="100%" height="${height}" viewBox="0 0 1000 ${height}" preserveAspectRatio="none">
      <path class="pg-c-band" d="${band}" />
      ${target}
      <path class="pg-c-line" d="${curve}" />
    </svg>
    <circle class="pg-c-dot" cx="100%" cy="${round(y(last.value ?? 0))}" r="3.5" />
  </svg>`
}

/** The paths of a line and of the band around it, with gaps where there is no value. */
export const shapes = (
  points: readonly Point[],
  x: (at: Date) => number,
  y: (value: number) => number,
): { curve: string; band: string } => {
  const draw = line<Point>()
    .defined((point) => point.value !== null)
    .x((point) => round(x(point.at)))
    .y((point) => round(y(point.value ?? 0)))
  const fill = area<Point>()
    .defined((point) => typeof point.low === 'number' && typeof point.high === 'number')
    .x((point) => round(x(point.at)))
    .y0((point) => round(y(point.low ?? 0)))
    .y1((point) => round(y(point.high ?? 0)))
  return { curve: draw([...points]) ?? '', band: fill([...points]) ?? '' }
}

export interface Bar {
  name: Content
  value: number
  /** What stands at the end of the bar. */
  words: Content
  note?: Content
  /** Of the current service, drawn thin and grey below. */
  current?: number | undefined
  strong?: boolean | undefined
}

/** Bars below each other on one scale: a funnel, a distribution. Every bar has its figure in words. */
export const barList = (options: { bars: readonly Bar[]; max?: number; label: string }): Html => {
  const all = options.bars.flatMap(({ value, current }) => [value, current ?? 0])
  const scale = scaleLinear()
    .domain([0, options.max ?? Math.max(1, ...all)])
    .range([0, 1])
    .clamp(true)
  const rows = options.bars.map((bar) => {
    const current =
      bar.current !== undefined &&
      html`<rect class="pg-bar-s__legacy" x="0" y="15" width="${percent(scale(bar.current))}" height="4" rx="1" />`
    const height = bar.current === undefined ? 14 : 20
    return html`<li class="${classes('pg-funnel__row', bar.strong && 'pg-funnel__row--strong')}">
      <span class="pg-funnel__name">${bar.name}</span
      ><svg class="pg-funnel__bar" width="100%" height="${height}" aria-hidden="true" focusable="false">
        <rect class="pg-meter__bed" x="0" y="1" width="100%" height="12" rx="2" />
        <rect class="pg-funnel__on" x="0" y="1" width="${percent(scale(bar.value))}" height="12" rx="2" />
        ${current}</svg
      ><span class="pg-funnel__n">${bar.words}</span>${bar.note && html`<span class="pg-funnel__d">${bar.note}</span>`}
    </li>`
  })
  return html`<ul${attributes({ class: 'pg-funnel', 'aria-label': options.label })}>${rows}</ul>`
}

/** One to five squares. They repeat what the words say. */
export const rating = (score: number, words?: Content): Html => {
  const squares = [0, 1, 2, 3, 4].map(
    (index) =>
      html`<rect
        class="pg-pips__${index < score ? 'on' : 'off'}"
        x="${0.5 + index * 10.6}"
        y="1"
        width="8"
        height="8"
        rx="1.5"
      />`,
  )
  const names = ['', 'very dissatisfied', 'dissatisfied', 'neither', 'satisfied', 'very satisfied']
  return html`<span class="pg-rating"
    ><svg class="pg-pips" width="53" height="10" viewBox="0 0 53 10" aria-hidden="true" focusable="false">
      ${squares}</svg
    ><span>${words ?? `${score} of 5, ${names[score] ?? ''}`}</span></span
  >`
}
