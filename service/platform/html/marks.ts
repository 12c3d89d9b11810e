import { attributes, classes, type Content, type Html, html, raw } from './html.ts'

/**
 * States, told by shape first and colour second. Every mark stands beside its words.
 * What a person decided is a solid disc; what the data says is a post with a dot beyond it or short of it.
 */
export type Mark =
  | 'met'
  | 'not-met'
  | 'waived'
  | 'evidenced'
  | 'confirm'
  | 'not-started'
  | 'no-data'
  | 'too-few'
  | 'halted'
  | 'passes'
  | 'fails'
  | 'close'
  | 'differs'
  | 'ceiling'
  | 'example'
  | 'wait'
  | 'warning'
  | 'seen'

const ring = '<circle class="pg-i-dash" cx="8" cy="8" r="6"/>'

const shapes: Record<Mark, string> = {
  met: '<circle class="pg-i-solid" cx="8" cy="8" r="7"/><path class="pg-i-cut" d="M4.8 8.3l2.2 2.2 4.3-4.7"/>',
  'not-met':
    '<circle class="pg-i-solid" cx="8" cy="8" r="7"/><path class="pg-i-cut" d="M5.4 5.4l5.2 5.2M10.6 5.4l-5.2 5.2"/>',
  waived: `${ring}<path class="pg-i-line" d="M5.3 8h5.4"/>`,
  evidenced: '<circle class="pg-i-line" cx="8" cy="8" r="6"/><circle class="pg-i-solid" cx="8" cy="8" r="2.5"/>',
  confirm: '<circle class="pg-i-line" cx="8" cy="8" r="6"/><path class="pg-i-line" d="M8 4.8V8l2.2 1.6"/>',
  'not-started': ring,
  'no-data': ring,
  'too-few': `${ring}<circle class="pg-i-solid" cx="8" cy="8" r="1.5"/>`,
  halted: '<rect class="pg-i-solid" x="2.5" y="2.5" width="11" height="11" rx="1.5"/>',
  // A target post, and where the figure lies: clear of it, or short of it. Arrows would read as a trend.
  passes: '<path class="pg-i-line" d="M4.5 2.5v11"/><circle class="pg-i-solid" cx="11" cy="8" r="3.6"/>',
  fails: '<path class="pg-i-line" d="M11.5 2.5v11"/><circle class="pg-i-line" cx="5" cy="8" r="2.9"/>',
  close: '<path class="pg-i-line" d="M8 1.5v13"/><path class="pg-i-line" d="M2.5 8h11"/>',
  differs: '<path class="pg-i-line" d="M3 6h10M3 10.2h10M10.6 2.8l-5.2 10.4"/>',
  ceiling:
    '<rect class="pg-i-solid" x="2.5" y="7" width="11" height="7.5" rx="1.5"/><path class="pg-i-line" d="M5 7V5a3 3 0 0 1 6 0v2"/>',
  example: '<path class="pg-i-line" d="M6.2 2.5v4L2.8 13.2h10.4L9.8 6.5v-4M5 2.5h6"/>',
  seen: '<circle class="pg-i-line" cx="8" cy="8" r="6"/><path class="pg-i-line" d="M5.2 8.2l2 2 3.6-4"/>',
  wait: '<path class="pg-i-line" d="M4 2.5h8M4 13.5h8M5 2.5c0 3 1.2 4 3 5.5c1.8-1.5 3-2.5 3-5.5M5 13.5c0-3 1.2-4 3-5.5c1.8 1.5 3 2.5 3 5.5"/>',
  warning: '<path class="pg-i-line" d="M8 2.2l6.3 11.3H1.7z"/><path class="pg-i-line" d="M8 6.4v3M8 11.6v.1"/>',
}

/** The picture alone. It is hidden from screen readers: its words must stand beside it. */
export const mark = (name: Mark, size: 's' | 'm' | 'l' | 'xl' = 'm'): Html =>
  html`<svg
    class="${classes('pg-i', `pg-i--${name}`, size !== 'm' && `pg-i--${size}`)}"
    width="16"
    height="16"
    viewBox="0 0 16 16"
    aria-hidden="true"
    focusable="false"
  >
    ${raw(shapes[name])}
  </svg>`

/** A mark with its words, in line with text. */
export const state = (name: Mark, words: Content, size?: 's' | 'm' | 'l' | 'xl'): Html =>
  html`<span class="pg-state pg-state--${name}">${mark(name, size)}<b>${words}</b></span>`

export type Tone = 'data' | 'met' | 'stop' | 'watch' | 'quiet' | 'loud'

/** A small label: a mark with words, or words alone. */
export const chip = (words: Content, options: { mark?: Mark; tone?: Tone; id?: string } = {}): Html =>
  html`<strong${attributes({
    class: classes('govuk-tag pg-tag', `pg-tag--${options.tone ?? 'quiet'}`, !options.mark && 'pg-tag--bare'),
    id: options.id,
  })}>${options.mark && mark(options.mark)}${words}</strong>`

export const wordmark = (): Html =>
  html`<svg class="pg-logo" width="26" height="20" viewBox="0 0 26 20" aria-hidden="true" focusable="false">
    <path class="pg-logo__rail" d="M0 10h26" />
    <path class="pg-logo__gate" d="M10 1v5M10 14v5M16 1v5M16 14v5" />
  </svg>`

export type Verdict = 'met' | 'not-met' | 'waived' | 'evidenced' | 'confirm' | 'not-started'

const verdictWords: Record<Verdict, string> = {
  met: 'Met',
  'not-met': 'Not met',
  waived: 'Waived',
  evidenced: 'No verdict yet',
  confirm: 'Needs confirming',
  'not-started': 'Not started',
}

/** What a named person said of a criterion. */
export const verdict = (value: Verdict, options: { by?: Content; large?: boolean; words?: Content } = {}): Html =>
  html`<span class="${classes('pg-verdict', `pg-verdict--${value}`, options.large && 'pg-verdict--l')}"
      >${mark(value, options.large ? 'l' : 'm')}<b>${options.words ?? verdictWords[value]}</b></span
    >${options.by && html`<span class="pg-sub pg-verdict__by">${options.by}</span>`}`
