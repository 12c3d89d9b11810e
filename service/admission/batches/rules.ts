import { zonedFormat } from '../../platform/index.ts'
import type { SendingRule, SendWindow } from './batch.ts'

const hourMs = 3_600_000
const sliceMs = 5 * 60_000

interface LocalTime {
  hour: number
  weekday: number
}

function localTime(at: Date, timeZone: string): LocalTime {
  return { hour: Number(hourOf(at, timeZone)), weekday: days.indexOf(weekdayOf(at, timeZone)) + 1 }
}

const hourOf = zonedFormat('en-GB', { hour: 'numeric', hourCycle: 'h23' })
const weekdayOf = zonedFormat('en-GB', { weekday: 'short' })
const days = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']

/** ADM-46: is it time, by hour and day in the service's own time zone? A window over midnight is two windows. */
export function isInWindow(window: SendWindow, at: Date, timeZone: string): boolean {
  if (window.beginsAt !== null && at < window.beginsAt) return false
  const { hour, weekday } = localTime(at, timeZone)
  const { fromHour, toHour } = window
  const isHour = fromHour < toHour ? hour >= fromHour && hour < toHour : hour >= fromHour || hour < toHour
  return isHour && window.weekdays.includes(weekday)
}

/**
 * ADM-46: how many may leave now. At most `perHour` in any hour, and evenly, a twelfth of it in five minutes. Counted by what
 * was sent, times ahead of now included: a clock that goes back sends nothing twice and nothing too early.
 */
export function roomNow(perHour: number | null, sent: { hour: number; slice: number }): number {
  if (perHour === null) return Infinity
  return Math.max(0, Math.min(perHour - sent.hour, Math.ceil(perHour / 12) - sent.slice))
}

/** From when on what was sent counts. */
export function countedSince(at: Date): { hour: Date; slice: Date } {
  return { hour: new Date(at.getTime() - hourMs), slice: new Date(at.getTime() - sliceMs) }
}

/** ADM-47: why sending must not go on, in words for the page and the notice; null where it may. */
export function reasonToPause(now: {
  isHalted: boolean
  allowsInvited: boolean
  unanswered: number
  unansweredLimit: number | null
}): string | null {
  if (now.isHalted) return 'The beta was halted'
  if (!now.allowsInvited) return 'The phase does not let in invited people'
  const { unanswered, unansweredLimit } = now
  if (unansweredLimit !== null && unanswered > unansweredLimit)
    return `${unanswered.toLocaleString('en-GB')} answers of people wait for the team, more than the limit of ${unansweredLimit.toLocaleString('en-GB')}`
  return null
}

/** As people read it: “Monday to Friday, 9:00 to 17:00, at most 50 an hour”. */
export function sayWindow(window: SendWindow): string {
  const { fromHour, toHour, weekdays, perHour } = window
  const hours = fromHour === 0 && toHour === 24 ? 'at any hour' : `${fromHour}:00 to ${toHour}:00`
  const pace = perHour === null ? 'as quickly as possible' : `at most ${perHour.toLocaleString('en-GB')} an hour`
  return [sayDays(weekdays), hours, pace].join(', ')
}

const dayNames = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday']

function sayDays(weekdays: readonly number[]): string {
  const sorted = [...new Set(weekdays)].toSorted((a, b) => a - b)
  if (sorted.length === 7) return 'Every day'
  const [first = 1] = sorted
  const last = sorted.at(-1) ?? first
  const name = (day: number): string => dayNames[day - 1] ?? ''
  if (sorted.length > 2 && last - first === sorted.length - 1) return `${name(first)} to ${name(last)}`
  return sorted.map(name).join(', ')
}

/** ADM-48: is this somebody whom the service invites now? Of whom it is not known, it does not hold. */
export function isInside(
  { onlyAttribute, onlyValues }: SendingRule,
  attributes: { [name: string]: string } | null,
): boolean {
  if (onlyAttribute === null) return true
  const own = Object.entries(attributes ?? {}).find(([name]) => name.toLowerCase() === onlyAttribute.toLowerCase())?.[1]
  return own !== undefined && onlyValues.some((value) => value.toLowerCase() === own.toLowerCase())
}
