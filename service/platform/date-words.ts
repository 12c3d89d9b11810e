/** When something was, as pages and mails say it: each in the time zone of the service. */

/** 24 Oct 2026, 14:05. */
export function momentWords(at: Date, timeZone: string): string {
  const time = at.toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit', timeZone })
  return `${dateWords(at, timeZone)}, ${time}`
}

/** 24 Oct 2026. */
export function dateWords(at: Date, timeZone: string): string {
  return at.toLocaleDateString('en-GB', { day: 'numeric', month: 'short', year: 'numeric', timeZone })
}

/** 24 October 2026. */
export function longDateWords(at: Date, timeZone: string): string {
  return at.toLocaleDateString('en-GB', { day: 'numeric', month: 'long', year: 'numeric', timeZone })
}

/** 24 Oct: where the year is plain. */
export function shortDateWords(at: Date, timeZone: string): string {
  return at.toLocaleDateString('en-GB', { day: 'numeric', month: 'short', timeZone })
}

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
