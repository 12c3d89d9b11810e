import type { Figure, Outcome, Scenario } from './scenario.ts'

export type Result =
  | { kind: 'tried'; outcome: Outcome; seconds: number }
  | { kind: 'not tried'; why: string }
  | { kind: 'broke'; error: unknown; seconds: number }

export interface Line {
  promise: number
  title: string
  plant: string | null
  says: string
  good: boolean | null
}

/** What is printed below a scenario as soon as it has ended. */
export function describeResult(result: Result): string[] {
  if (result.kind === 'not tried') return [`    not tried: ${result.why}`]
  if (result.kind === 'broke') return ['    broke off:', ...indented(wordsOf(result.error)), '']
  const { rounds, figures } = result.outcome
  return [`    ${rounds} ${rounds === 1 ? 'round' : 'rounds'} in ${result.seconds.toFixed(0)} s`, ...figures.map(row)]
}

export function summarise(scenario: Scenario, plant: string | null, result: Result): Line {
  const { promise, title } = scenario
  if (result.kind === 'not tried') return { promise, title, plant, says: 'not tried on this machine', good: null }
  if (result.kind === 'broke') return { promise, title, plant, says: 'broke off', good: false }
  const holds = holdsAll(result.outcome)
  if (plant === null) return { promise, title, plant, says: holds ? 'holds' : 'DOES NOT HOLD', good: holds }
  return { promise, title, plant, says: holds ? 'NOT NOTICED' : 'noticed', good: !holds }
}

export function closingLines(lines: readonly Line[]): string[] {
  const width = Math.max(...lines.map(({ says }) => says.length))
  const told = lines.map(({ promise, title, plant, says }) => {
    const what = plant === null ? title : `fault “${plant}”: ${title}`
    return `${String(promise).padStart(4)}  ${says.padEnd(width)}  ${what}`
  })
  const bad = lines.filter(({ good }) => good === false).length
  const untried = lines.filter(({ good }) => good === null).length
  const parts = [`${lines.length - bad - untried} of ${lines.length} as they should be`]
  if (untried > 0) parts.push(`${untried} not tried on this machine`)
  return ['', ...told, '', `${parts.join(', ')}.`]
}

function holdsAll({ figures }: Outcome): boolean {
  return figures.length > 0 && figures.every(({ holds }) => holds)
}

function row({ says, value, unit, holds }: Figure): string {
  const figure = `${Number.isInteger(value) ? value.toLocaleString('en-GB') : value.toFixed(2)} ${unit}`.trim()
  return `    ${says.padEnd(66)} ${figure.padStart(16)}   ${holds ? 'holds' : 'DOES NOT HOLD'}`
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}

function indented(text: string): string[] {
  return text.split('\n').map((line) => `      ${line}`)
}
