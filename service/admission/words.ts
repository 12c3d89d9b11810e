/** As a sentence of the history says it. */
export function people(count: number): string {
  return count === 1 ? '1 person' : `${count.toLocaleString('en-GB')} people`
}

/** “more than 50 answers wait”: what sending pauses at. */
export function moreAnswersThan(limit: number): string {
  return limit === 1 ? 'more than 1 answer waits' : `more than ${limit.toLocaleString('en-GB')} answers wait`
}
