import { z } from 'zod'
import { tooLong } from '../platform/index.ts'

/** Fields of the forms and the API of this domain; their messages are the words that people read. */
export const text = (most: number, missing: string) =>
  z.string({ error: missing }).trim().min(1, missing).max(most, tooLong(most))

/** Forms send empty fields for what was left out. */
export const optional = <T extends z.ZodType>(schema: T) =>
  z.preprocess((value) => (typeof value === 'string' && value.trim() === '' ? undefined : value), schema.optional())

/** A number, typed or sent; an empty field is none, never 0. */
export function figure({ min, max, whole = false }: { min: number; max: number; whole?: boolean }, missing: string) {
  const typed = (value: unknown) =>
    typeof value !== 'string' ? value : value.trim() === '' ? undefined : Number(value.replaceAll(',', ''))
  const most = max.toLocaleString('en-GB')
  const number = z.number(missing).min(min, missing).max(max, `Enter at most ${most}`)
  return z.preprocess(typed, whole ? number.refine(Number.isSafeInteger, 'Enter a whole number') : number)
}
