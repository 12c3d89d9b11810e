import type { z } from 'zod'
import { tooLong, type Problem } from '../problem.ts'
import { Refusal } from '../refusal.ts'

export type FormResult<T> = { ok: true; value: T } | { ok: false; problems: Problem[] }

/** A form's fields against its schema; the messages of the schema are the words that people read. */
export function readForm<S extends z.ZodType>(schema: S, body: unknown): FormResult<z.output<S>> {
  const parsed = schema.safeParse(body ?? {})
  if (parsed.success) return { ok: true, value: parsed.data }
  return { ok: false, problems: problemsOf(parsed.error) }
}

/** One problem a field. */
export function problemsOf({ issues }: z.ZodError): Problem[] {
  const problems = new Map<string, Problem>()
  for (const issue of issues) {
    const field = fieldOf(issue.path)
    if (!problems.has(field)) problems.set(field, { field, message: wordsOf(issue) })
  }
  return [...problems.values()]
}

/** What is wrong with one line of a list is wrong with the field that holds the list: a line is no field on the page. */
function fieldOf(path: readonly PropertyKey[]): string {
  const line = path.findIndex((part) => typeof part === 'number')
  return path
    .slice(0, line < 0 ? path.length : line)
    .map(String)
    .join('-')
}

/** The words for a field that is empty do not help where its text is too long. */
function wordsOf(issue: z.core.$ZodIssue): string {
  if (issue.code !== 'too_big' || issue.origin !== 'string') return issue.message
  const most = issue.maximum.toLocaleString('en-GB')
  return issue.message.includes(most) ? issue.message : tooLong(Number(issue.maximum))
}

/** What was typed, for showing the form again. */
export function typedValues(body: unknown): Record<string, string> {
  const values: Record<string, string> = {}
  for (const [name, value] of Object.entries(body ?? {})) {
    values[name] = Array.isArray(value) ? value.map(asTyped).join('\n') : asTyped(value)
  }
  return values
}

/** A rule's refusal as a problem beside the field that it is about; everything else goes on as what it is. */
export function besideField(error: unknown, field: string): Problem {
  if (!(error instanceof Refusal) || isAnsweredAlikeEverywhere(error)) throw error
  return { field, message: `${error.title}. ${error.whatToDo}` }
}

/** No other words in the form would help: who may not, what is not there, who has to wait, and what is away just now. */
function isAnsweredAlikeEverywhere({ status, code }: Refusal): boolean {
  return [401, 403, 429].includes(status) || status >= 500 || code === 'not-found'
}

/** A form holds texts; what a program sends in their place cannot always be made into one. */
function asTyped(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : ''
}
