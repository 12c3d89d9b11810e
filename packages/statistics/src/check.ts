/** Wrong arguments are a programmer's mistake: a RangeError says which. */
export function checkCounts(n: number, successes: number): void {
  if (!(n >= 0 && Number.isFinite(n))) throw new RangeError('n must be 0 or more')
  if (!(successes >= 0 && successes <= n)) throw new RangeError('successes must be from 0 to n')
}

export function checkAlpha(alpha: number): void {
  if (!(alpha > 0 && alpha < 1)) throw new RangeError('alpha must lie between 0 and 1')
}

export function checkPositive(name: string, value: number): void {
  if (!(value > 0 && Number.isFinite(value))) throw new RangeError(`${name} must be greater than 0`)
}
