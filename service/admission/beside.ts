import { besideField, Refusal, type Problem } from '../platform/index.ts'

/** A refusal beside the field that it is about. In a halt no field is wrong: it stands above the form alone. */
export function besideUnlessHalted(error: unknown, field: string): Problem {
  return besideField(error, error instanceof Refusal && error.code === 'halted' ? '' : field)
}
