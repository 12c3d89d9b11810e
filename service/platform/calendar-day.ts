import { z } from 'zod'
import { Refusal } from './refusal.ts'
import { zonedFormat } from './zoned-format.ts'

const wanted = 'Enter a date, such as 2026-12-09'

/** IN-10: a day of the calendar, as people type it. PostgreSQL knows no year 0, and nobody here means one before 1900 or after 2199. */
export const calendarDay = z
  .string(wanted)
  .trim()
  .max(10, wanted)
  .regex(/^\d{4}-\d{2}-\d{2}$/, wanted)
  .refine(isCalendarDay, 'Enter a real date')

export function isCalendarDay(day: string): boolean {
  return !Number.isNaN(Date.parse(day)) && new Date(day).toISOString().startsWith(day) && isInReach(day)
}

/** IN-10: such as 2026-11-24T10:00:00Z, as programs send it. */
export const pointInTime = z.iso
  .datetime({ offset: true })
  .max(40)
  .refine(isInReach, 'Enter a time between the years 1900 and 2200')

function isInReach(at: string): boolean {
  return at >= '1900' && at < '2200'
}

/** The day that it is there, such as 2026-11-24. */
export const calendarDayOf = zonedFormat('en-CA', { year: 'numeric', month: '2-digit', day: '2-digit' })

/** When the day of `at` begins there. */
export function startOfDay(at: Date, timeZone: string): Date {
  return startOfCalendarDay(calendarDayOf(at.getTime(), timeZone), timeZone)
}

/** When the day begins there, also on the days when clocks change: zones are ahead by 14 hours at most, in quarter hours. */
export function startOfCalendarDay(day: string, timeZone: string): Date {
  const quarterHour = 15 * 60_000
  let at = Date.parse(`${day}T00:00:00Z`) - 56 * quarterHour
  while (calendarDayOf(at, timeZone) < day) at += quarterHour
  return new Date(at)
}

/** IN-10: what was said, seen or shown was so today or before. */
export function mustHaveCome(day: string, { timeZone }: { timeZone: string }, now: Date): void {
  if (day > calendarDayOf(now, timeZone)) throw new Refusal('day-ahead')
}

/** IN-10: what is expected is expected today or later. */
export function mustLieAhead(day: string, { timeZone }: { timeZone: string }, now: Date): void {
  if (day < calendarDayOf(now, timeZone)) throw new Refusal('day-past')
}
