/** A user's mistake: shown beside the field and in the summary, and says what to do next. */
export interface Problem {
  field: string
  message: string
}

/** Where the schema of a field says nothing of its length. */
export function tooLong(most: number): string {
  return `Use at most ${most.toLocaleString('en-GB')} characters`
}

/** It fits every field, and so does not say which. */
export function isTooLong(message: string): boolean {
  return /^Use at most [\d,]+ characters$/.test(message)
}
