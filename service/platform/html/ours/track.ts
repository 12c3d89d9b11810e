import { attributes, classes, type Content, type Html, html, isNothing } from '../html.ts'

export interface TrackPhase {
  name: string
  note?: Content
  state: 'done' | 'here' | 'ahead'
  /** Of the phase where we are: how far along, 0 to 100. */
  percent?: number | undefined
}

export interface TrackGate {
  /** Open: passed. Next: the one to get through now. Shut: a later one. */
  state: 'open' | 'next' | 'shut'
  note?: Content
  href?: string | undefined
}

export interface TrackOptions {
  phases: readonly TrackPhase[]
  /** Between phase i and i + 1; null where no gate stands. */
  gates: readonly (TrackGate | null)[]
  /** The service that is being replaced; null where there is none. */
  current: { label?: string | undefined; /** It ends at this gate or phase boundary. */ endsAfter: number } | null
  halted?: boolean | undefined
}

const railHeight = 56

/** A service on its way: the dark rail is the new service, the grey one the current, a bar across is a shut gate. */
export const phaseTrack = (options: TrackOptions): Html => {
  const items = options.phases.flatMap((phase, index) => {
    const gate = options.gates[index]
    const isLast = index === options.phases.length - 1
    return [phaseItem(options, phase, index), !isLast && boundary(options, gate ?? null, index)]
  })
  const key = [
    html`<li>
      <svg class="pg-key__s" width="22" height="12" aria-hidden="true" focusable="false">
        <line class="pg-rail__done" x1="0" x2="22" y1="6" y2="6" /></svg
      >New service
    </li>`,
    options.current &&
      html`<li>
        <svg class="pg-key__s" width="22" height="12" aria-hidden="true" focusable="false">
          <line class="pg-rail__legacy" x1="0" x2="22" y1="6" y2="6" /></svg
        >${options.current.label ?? 'Current service, runs until the live gate opens'}
      </li>`,
  ]
  return html`<ol class="pg-track" aria-label="Phases and gates">
      ${items}
    </ol>
    <ul class="pg-key pg-track__key" aria-hidden="true">
      ${key}
    </ul>`
}

const currentRail = (options: TrackOptions, index: number, isGate: boolean): Html | false => {
  if (!options.current) return false
  const { endsAfter } = options.current
  if (isGate ? index > endsAfter : index > endsAfter) return false
  const end = isGate && index === endsAfter ? '50%' : '100%'
  const stop = isGate && index === endsAfter && html`<line class="pg-rail__legacy" x1="50%" x2="50%" y1="45" y2="55" />`
  return html`<line class="pg-rail__legacy" x1="0" x2="${end}" y1="50" y2="50" />${stop}`
}

const rail = (content: Content): Html =>
  html`<svg class="pg-rail" width="100%" height="${railHeight}" aria-hidden="true" focusable="false">${content}</svg>`

const stateWords = { done: 'done', here: 'now', ahead: 'to come' } as const
const gateWords = { open: 'Gate, open', next: 'Gate, shut, next', shut: 'Gate, shut' } as const

const phaseItem = (options: TrackOptions, phase: TrackPhase, index: number): Html => {
  const percent = Math.min(96, Math.max(6, phase.percent ?? 50))
  const line = {
    done: html`<line class="pg-rail__done" x1="0" x2="100%" y1="24" y2="24" />`,
    here: html`<line class="pg-rail__ahead" x1="${percent}%" x2="100%" y1="24" y2="24" /><line
        class="pg-rail__done"
        x1="0"
        x2="${percent}%"
        y1="24"
        y2="24"
      />`,
    ahead: html`<line class="pg-rail__ahead" x1="0" x2="100%" y1="24" y2="24" />`,
  }[phase.state]
  const here =
    phase.state === 'here' &&
    (options.halted
      ? html`<rect
          class="pg-rail__halt"
          x="${percent}%"
          y="15"
          width="18"
          height="18"
          rx="3"
          transform="translate(-9 0)"
        />`
      : html`<circle class="pg-rail__here" cx="${percent}%" cy="24" r="8" />`)
  const shown = attributes({
    class: classes(
      'pg-track__phase',
      `pg-track__phase--${phase.state}`,
      phase.state === 'here' && options.halted && 'pg-track__phase--halted',
      options.current && index <= options.current.endsAfter && 'pg-track__item--legacy',
    ),
    'aria-current': phase.state === 'here' && 'step',
  })
  const note = html`<span class="pg-track__note">${isNothing(phase.note) ? '\u00a0' : phase.note}</span>`
  return html`<li${shown}><span class="pg-track__name">${phase.name}<span class="govuk-visually-hidden">, ${stateWords[phase.state]}${phase.state === 'here' && options.halted && ', halted'}</span></span>${note}${rail([line, currentRail(options, index, false), here])}</li>`
}

const boundary = (options: TrackOptions, gate: TrackGate | null, index: number): Html => {
  const isBehind = options.phases[index]?.state === 'done'
  const isRailDone = isBehind || gate?.state === 'open'
  const line = html`<line
    class="${isRailDone ? 'pg-rail__done' : 'pg-rail__ahead'}"
    x1="0"
    x2="100%"
    y1="24"
    y2="24"
  />`
  const legacy = options.current && index <= options.current.endsAfter && 'pg-track__item--legacy'
  if (!gate) {
    const joint = html`<line
      class="${isRailDone ? 'pg-rail__joint' : 'pg-rail__joint pg-rail__joint--ahead'}"
      x1="50%"
      x2="50%"
      y1="18"
      y2="30"
    />`
    return html`<li class="${classes('pg-track__joint', legacy)}" aria-hidden="true">
      ${rail([line, currentRail(options, index, true), joint])}
    </li>`
  }
  const shape = gate.state === 'open' ? 'M12 4v12M12 32v12' : 'M12 6v36'
  const bar = html`<svg
    class="pg-gate pg-gate--${gate.state}"
    width="24"
    height="${railHeight}"
    viewBox="0 0 24 56"
    aria-hidden="true"
    focusable="false"
  >
    <path class="pg-gate__bar" d="${shape}" />
  </svg>`
  const words = isNothing(gate.note) ? gateWords[gate.state].replace('Gate, ', '') : gate.note
  const note = gate.href ? html`<a class="govuk-link" href="${gate.href}">${words}</a>` : words
  return html`<li class="${classes('pg-track__gate', `pg-track__gate--${gate.state}`, legacy)}">
    <span class="pg-track__railbox">${rail([line, currentRail(options, index, true)])}${bar}</span
    ><span class="pg-track__note"><span class="govuk-visually-hidden">${gateWords[gate.state]}: </span>${note}</span>
  </li>`
}

/** The track of one service in a row of a table. Its words stand in the cell. */
export const miniTrack = (options: {
  phases: number
  /** Index of the phase we are in. */
  at: number
  /** Boundaries (after phase i) where a gate stands. */
  gates: readonly number[]
  halted?: boolean | undefined
}): Html => {
  const width = 180
  const step = width / options.phases
  const here = step * (options.at + 0.5)
  const bars = options.gates.map((after) => {
    const x = step * (after + 1)
    return after < options.at
      ? html`<path class="pg-mini__gate pg-mini__gate--open" d="M${x} 1v6M${x} 17v6" />`
      : html`<path class="pg-mini__gate" d="M${x} 3v18" />`
  })
  const point = options.halted
    ? html`<rect class="pg-mini__here--halt" x="${here - 5}" y="7" width="10" height="10" rx="2" />`
    : html`<circle class="pg-mini__here" cx="${here}" cy="12" r="5" />`
  return html`<svg
    class="pg-mini"
    width="${width}"
    height="24"
    viewBox="0 0 ${width} 24"
    aria-hidden="true"
    focusable="false"
  >
    <path class="pg-mini__ahead" d="M${here} 12H${width}" />
    <path class="pg-mini__done" d="M0 12H${here}" />
    ${bars}${point}
  </svg>`
}
