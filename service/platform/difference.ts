/** In what a difference of two figures is told: so many in a thousand more or fewer, so many points higher or lower. */
export type DifferenceUnit = 'per-thousand' | 'points'

const words = {
  'per-thousand': { above: 'more', below: 'fewer', within: ' in 1,000', after: ' in 1,000', each: '' },
  points: { above: 'higher', below: 'lower', within: ' points', after: '', each: ' points' },
} as const satisfies Record<DifferenceUnit, object>

const size = (value: number): string => Math.abs(value).toLocaleString('en-GB', { maximumFractionDigits: 1 })

/** The word for this side of zero. */
export function sideInWords(value: number, unit: DifferenceUnit): string {
  return value < 0 ? words[unit].below : words[unit].above
}

/** “5.2 in 1,000 fewer”, “3.4 points higher”; null where it rounds to none. */
export function differenceInWords(value: number, unit: DifferenceUnit): string | null {
  const amount = size(value)
  return amount === '0' ? null : `${amount}${words[unit].within} ${sideInWords(value, unit)}`
}

/** “between 12.1 fewer and 1.7 more in 1,000”, “between 3.1 and 9.8 points higher”. */
export function betweenInWords({ low, high }: { low: number; high: number }, unit: DifferenceUnit): string {
  const { within, after, each } = words[unit]
  if (low < 0 && high > 0) {
    const [down, up] = [low, high].map((end) => `${size(end)}${each} ${sideInWords(end, unit)}`)
    return `between ${down} and ${up}${after}`
  }
  const [near, far] = high <= 0 ? [high, low] : [low, high]
  return `between ${size(near)} and ${size(far)}${within} ${sideInWords(high <= 0 ? low : high, unit)}`
}
