/** What the council decides, whichever version asks: who may have a permit, and what it costs. */

export interface Answers {
  postcode?: string
  registration?: string
  months?: Months
  reference?: string
}

export const months = [3, 6, 12] as const
export type Months = (typeof months)[number]

export const priceInPounds: Record<Months, number> = { 3: 24, 6: 42, 12: 75 }

export type Address =
  | { kind: 'not-a-postcode' }
  | { kind: 'in-zone'; zone: string; postcode: string }
  | { kind: 'outside'; postcode: string }
  | { kind: 'register-fails'; postcode: string }

/** No real postcode begins with ZX. */
const zones: Record<string, string> = { ZX1: 'Harbour', ZX2: 'Market', ZX3: 'Station' }

/** The one address for which the address register never answers, so that anybody can see the error page. */
export const failingPostcode = 'ZX1 9ZZ'

export function lookUp(text: string): Address {
  const bare = text.toUpperCase().replace(/[^A-Z0-9]/g, '')
  if (!/^[A-Z]{1,2}[0-9][A-Z0-9]?[0-9][A-Z]{2}$/.test(bare)) return { kind: 'not-a-postcode' }
  const postcode = `${bare.slice(0, -3)} ${bare.slice(-3)}`
  if (postcode === failingPostcode) return { kind: 'register-fails', postcode }
  const zone = zones[bare.slice(0, -3)]
  return zone ? { kind: 'in-zone', zone, postcode } : { kind: 'outside', postcode }
}

export function readMonths(text: string | null): Months | null {
  return months.find((choice) => String(choice) === text) ?? null
}

export function isComplete(answers: Answers): answers is Answers & Required<Omit<Answers, 'reference'>> {
  return answers.postcode !== undefined && answers.registration !== undefined && answers.months !== undefined
}

export function zoneOf(postcode: string): string {
  const found = lookUp(postcode)
  return found.kind === 'in-zone' ? found.zone : ''
}
