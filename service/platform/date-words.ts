import { zonedFormat } from './zoned-format.ts'

/** When something was, as pages and mails say it: each in the time zone of the service. */

const date = { day: 'numeric', month: 'short', year: 'numeric' } as const
const shapes = {
  time: { hour: '2-digit', minute: '2-digit' },
  date,
  longDate: { ...date, month: 'long' },
  fullDate: { dateStyle: 'full' },
  shortDate: { day: 'numeric', month: 'short' },
  shortMoment: { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' },
  yearlessDate: { day: 'numeric', month: 'long' },
  yearlessMoment: { day: 'numeric', month: 'long', hour: '2-digit', minute: '2-digit' },
  exactMoment: { dateStyle: 'medium', timeStyle: 'medium' },
  longMoment: { dateStyle: 'long', timeStyle: 'short' },
} as const satisfies Record<string, Intl.DateTimeFormatOptions>

const worded = (shape: keyof typeof shapes) => zonedFormat('en-GB', shapes[shape])

/** 24 Oct 2026, 14:05. */
export function momentWords(at: Date, timeZone: string): string {
  return `${dateWords(at, timeZone)}, ${timeWords(at, timeZone)}`
}

/** 24 October 2026 at 14:05. */
export const longMomentWords = worded('longMoment')

/** 24 Oct 2026, 14:05:09. */
export const exactMomentWords = worded('exactMoment')

/** 24 October at 14:05. */
export const yearlessMomentWords = worded('yearlessMoment')

/** 24 October. */
export const yearlessDateWords = worded('yearlessDate')

/** 24 Oct, 14:05. */
export const shortMomentWords = worded('shortMoment')

/** 14:05. */
export const timeWords = worded('time')

/** 24 Oct 2026. */
export const dateWords = worded('date')

/** 24 October 2026. */
export const longDateWords = worded('longDate')

/** Saturday 24 October 2026. */
export const fullDateWords = worded('fullDate')

/** 24 Oct: where the year is plain. */
export const shortDateWords = worded('shortDate')

/** 20 Nov 2026: of a calendar day such as 2026-11-20, which is the same in every time zone. */
export function dayWords(day: string): string {
  return dateWords(noonOf(day), 'UTC')
}

/** 20 November 2026. */
export function longDayWords(day: string): string {
  return longDateWords(noonOf(day), 'UTC')
}

function noonOf(day: string): Date {
  return new Date(`${day}T12:00:00Z`)
}
