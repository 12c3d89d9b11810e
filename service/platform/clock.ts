/** The only source of "now" in the service: tests and the example's history hold it still. */
export interface Clock {
  now(): Date
}

export const systemClock: Clock = { now: () => new Date() }

export function clockAt(instant: Date | string): Clock {
  const fixed = new Date(instant)
  return { now: () => new Date(fixed) }
}
