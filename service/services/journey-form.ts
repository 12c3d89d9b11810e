import type { FormResult } from '../platform/index.ts'
import { keyFor } from './rules.ts'
import { journeySchema } from './schemas.ts'
import type { Journey } from './service.ts'

type Draft = Pick<Journey, 'start' | 'steps' | 'endings'>

/** From text areas: one point a line, `Name: /path , /other`. */
export function journeyFromLines(values: Record<string, string>, name: string): FormResult<Journey> {
  const endings = (['completed', 'refused', 'failed'] as const).flatMap((outcome) =>
    points(values[outcome]).map((point) => ({ ...point, outcome })),
  )
  const start = points(values.start).flatMap(({ patterns }) => patterns)
  return finish({ start: { patterns: start }, steps: points(values.steps), endings }, name)
}

/** From a walk: each page seen with what it was said to be. */
export function journeyFromMarks(values: Record<string, string>, name: string): FormResult<Journey> {
  const draft: Draft = { start: { patterns: [] }, steps: [], endings: [] }
  for (let index = 0; values[`pattern-${index}`] !== undefined; index++) {
    const patterns = [values[`pattern-${index}`] ?? '']
    const kind = values[`kind-${index}`] ?? ''
    const called = values[`name-${index}`]?.trim() || patterns[0] || 'Page'
    if (kind === 'start') draft.start.patterns.push(...patterns)
    if (kind === 'step') merge(draft.steps, { id: '', name: called, patterns })
    if (kind === 'completed' || kind === 'refused' || kind === 'failed')
      merge(draft.endings, { id: '', name: called, patterns, outcome: kind })
  }
  return finish(draft, name)
}

/** The same name in both services is the same point. */
function merge<P extends { name: string; patterns: string[] }>(list: P[], point: P): void {
  const known = list.find(({ name }) => name === point.name)
  if (known === undefined) list.push(point)
  else known.patterns.push(...point.patterns)
}

function points(text: string | undefined): { id: string; name: string; patterns: string[] }[] {
  return (text ?? '')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map((line) => {
      const named = /^([^/]*?):\s*(.+)$/.exec(line)
      const patterns = (named?.[2] ?? line).split(/\s*,\s*/).map((pattern) => pattern.trim())
      return { id: '', name: named?.[1]?.trim() || patterns[0] || line, patterns }
    })
}

function finish(draft: Draft, name: string): FormResult<Journey> {
  const taken = new Set<string>()
  const withId = <P extends { name: string }>(point: P): P & { id: string } => ({
    ...point,
    id: freeId(point.name, taken),
  })
  const journey = {
    id: 'main',
    name,
    savable: false,
    openDays: 30,
    start: draft.start,
    steps: draft.steps.map(withId),
    endings: draft.endings.map(withId),
  }
  const parsed = journeySchema.safeParse(journey)
  if (parsed.success) return { ok: true, value: parsed.data }
  const problems = parsed.error.issues.map(({ path, message }) => {
    const [part, index] = path
    const ending = part === 'endings' && typeof index === 'number' ? draft.endings[index]?.outcome : undefined
    const field = part === 'endings' ? (ending ?? 'completed') : String(part)
    return { field, message: part === 'start' ? `Start: ${message.toLowerCase()}` : message }
  })
  return { ok: false, problems }
}

function freeId(name: string, taken: Set<string>): string {
  const base = keyFor(name).slice(0, 50)
  let id = base
  for (let n = 2; taken.has(id); n++) id = `${base}-${n}`
  taken.add(id)
  return id
}
