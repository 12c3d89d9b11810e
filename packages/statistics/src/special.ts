/** The special functions that the methods need, and no more. Inputs are trusted: the faces check them. */

const lanczos = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
  12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
]

/** ln Γ(x) for x > 0. Source: Lanczos approximation with g = 7 and nine terms; relative error near 1e-15. */
export function logGamma(x: number): number {
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x)
  let sum = lanczos[0] ?? 0
  for (let term = 1; term < lanczos.length; term++) sum += (lanczos[term] ?? 0) / (x - 1 + term)
  const t = x + 6.5
  return 0.5 * Math.log(2 * Math.PI) + (x - 0.5) * Math.log(t) - t + Math.log(sum)
}

/** ln B(a, b) for a, b > 0. */
export function logBeta(a: number, b: number): number {
  return logGamma(a) + logGamma(b) - logGamma(a + b)
}

/** The complementary error function for x ≥ 0, accurate in its far tail. Source: A&S 7.1.6 and 7.1.14. */
export function erfc(x: number): number {
  if (x < 2) {
    let term = x
    let sum = x
    for (let n = 1; Math.abs(term) > 1e-17 * sum; n++) {
      term *= (2 * x * x) / (2 * n + 1)
      sum += term
    }
    return 1 - (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum
  }
  let fraction = 0
  for (let n = 120; n > 0; n--) fraction = n / 2 / (x + fraction)
  return Math.exp(-x * x) / Math.sqrt(Math.PI) / (x + fraction)
}

/** P(Z > z) of the standard normal, z ≥ 0. */
export function normalTail(z: number): number {
  return erfc(z / Math.SQRT2) / 2
}

/** The regularised incomplete beta I_x(a, b). Source: DLMF 8.17.22, by the modified Lentz method. */
export function incompleteBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0
  if (x >= 1) return 1
  if (x > (a + 1) / (a + b + 2)) return 1 - incompleteBeta(1 - x, b, a)
  const front = Math.exp(a * Math.log(x) + b * Math.log1p(-x) - logBeta(a, b)) / a
  const nonZero = (value: number): number => (Math.abs(value) < 1e-300 ? 1e-300 : value)
  let c = 1
  let d = 1 / nonZero(1 - ((a + b) * x) / (a + 1))
  let fraction = d
  for (let m = 1; m < 10_000; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m))
    d = 1 / nonZero(1 + even * d)
    c = nonZero(1 + even / c)
    fraction *= d * c
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1))
    d = 1 / nonZero(1 + odd * d)
    c = nonZero(1 + odd / c)
    fraction *= d * c
    if (Math.abs(d * c - 1) < 1e-16) break
  }
  return front * fraction
}

/** P(T > t) of Student's t with any positive degrees of freedom, t ≥ 0. */
export function studentTail(t: number, freedom: number): number {
  return incompleteBeta(freedom / (freedom + t * t), freedom / 2, 0.5) / 2
}

/** The z ≥ 0 beyond which a standard normal lies with this probability, 0 < tail ≤ 0.5. */
export function normalQuantile(tail: number): number {
  return solveFalling((z) => normalTail(z) - tail, 0, 40)
}

/** The t ≥ 0 beyond which Student's t lies with this probability, 0 < tail ≤ 0.5. */
export function studentQuantile(tail: number, freedom: number): number {
  let high = 1
  while (studentTail(high, freedom) > tail) high *= 2
  return solveFalling((t) => studentTail(t, freedom) - tail, 0, high)
}

/** Where a falling function crosses zero between two points, by bisection to the last bit. */
export function solveFalling(f: (x: number) => number, low: number, high: number): number {
  for (let step = 0; step < 200; step++) {
    const middle = (low + high) / 2
    if (middle === low || middle === high) break
    if (f(middle) > 0) low = middle
    else high = middle
  }
  return (low + high) / 2
}
