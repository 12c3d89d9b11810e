import type { Problem } from '../../platform/index.ts'
import { longestAnswer, type Answers, type Question } from './waitlist.ts'

export type ReadAnswers =
  | { ok: true; answers: Answers; hasSpecial: boolean }
  | { ok: false; problems: Problem[]; answers: Answers }

export const yesNo = ['Yes', 'No'] as const

/** The choices that a question offers; none for a text. */
export function optionsOf({ kind, options }: Pick<Question, 'kind' | 'options'>): readonly string[] {
  if (kind === 'text') return []
  return kind === 'yes-no' ? yesNo : options
}

/** ADM-40: what was sent, against the questions as they stand. Fields are named by `fieldOf`. */
export function readAnswers(questions: readonly Question[], sent: (field: string) => readonly string[]): ReadAnswers {
  const answers: Answers = {}
  const problems: Problem[] = []
  for (const question of questions) {
    const field = fieldOf(question)
    const values = sent(field)
      .map((value) => value.trim())
      .filter((value) => value !== '')
    const message = problemOf(question, values)
    if (message !== null) problems.push({ field, message })
    if (values.length > 0) answers[question.id] = values
  }
  if (problems.length > 0) return { ok: false, problems, answers }
  return { ok: true, answers, hasSpecial: questions.some(({ id, special }) => special && answers[id] !== undefined) }
}

export function fieldOf({ id }: Pick<Question, 'id'>): string {
  return `q-${id}`
}

function problemOf(question: Question, values: readonly string[]): string | null {
  const { kind, required } = question
  if (values.length === 0) return required ? missing[kind] : null
  if (kind === 'text')
    return values.join('').length > longestAnswer ? `Write ${longestAnswer} characters or fewer` : null
  if (kind !== 'choices' && values.length > 1) return 'Choose one answer'
  const offered = optionsOf(question)
  return values.every((value) => offered.includes(value)) ? null : 'Choose one of the answers shown'
}

const missing: Record<Question['kind'], string> = {
  text: 'Write an answer',
  choice: 'Choose one answer',
  choices: 'Choose at least one answer',
  'yes-no': 'Choose yes or no',
}

/** One option a line. */
export function readOptions(text: string): string[] {
  const lines = text.split(/[\n\r]+/).map((line) => line.trim())
  return [...new Set(lines.filter((line) => line !== ''))]
}
