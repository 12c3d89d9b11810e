/** A user's mistake: shown beside the field and in the summary, and says what to do next. */
export interface Problem {
  field: string
  message: string
}
