import { Refusal, startOfDay } from '../platform/index.ts'
import { dayMs, type Period } from './measures.ts'

/** The last so many days of the service up to and with now: whole days in its own time zone, today included. */
export function lastDays(days: number, now: Date, timeZone: string): Period {
  return upToNow({ from: startOfDay(new Date(now.getTime() - (days - 1) * dayMs), timeZone), to: now })
}

/** Two years, leap days included. */
const mostDays = 731

/** MEA-16: what was asked for; without a beginning the 28 days before its end, without an end up to now. */
export function periodAsked(
  asked: { from?: string | undefined; to?: string | undefined },
  now: Date,
  timeZone: string,
): Period {
  const standard = lastDays(28, now, timeZone)
  const to = asked.to === undefined ? standard.to : new Date(asked.to)
  const before = asked.to === undefined ? standard.from : new Date(to.getTime() - 28 * dayMs)
  const from = asked.from === undefined ? before : new Date(asked.from)
  if (from >= to) throw new Refusal('period-empty')
  if (to.getTime() - from.getTime() > mostDays * dayMs) throw new Refusal('period-too-long')
  return { from, to }
}

/** A period ends before its end; one that ends now has what came in this very moment. */
export function upToNow({ from, to }: Period): Period {
  return { from, to: new Date(to.getTime() + 1) }
}

/** Noon UTC of a day, as a place on the axis of a chart. */
export function dayAt(day: string): Date {
  return new Date(`${day}T12:00:00Z`)
}

export function dayAfter(day: string): string {
  return new Date(Date.parse(`${day}T12:00:00Z`) + dayMs).toISOString().slice(0, 10)
}
