/** A version of Semantic Versioning 2.0.0; build metadata does not count and is left out. */
export interface Version {
  /** Major, minor, patch. */
  numbers: readonly number[]
  /** What comes before the release: `rc`, `1`. Empty for a release. */
  before: readonly (string | number)[]
}

const form =
  /^v?(0|[1-9]\d{0,14})(?:\.(0|[1-9]\d{0,14}))?(?:\.(0|[1-9]\d{0,14}))?(?:-([\dA-Za-z.-]{1,100}))?(?:\+[\dA-Za-z.-]{1,100})?$/

/**
 * Reads a version; minor and patch may be left out and are then 0. Null for anything else.
 * Source: semver.org, Semantic Versioning 2.0.0.
 *
 * @example parseVersion('2.1.0-rc.1') // { numbers: [2, 1, 0], before: ['rc', 1] }
 */
export function parseVersion(text: string): Version | null {
  const parts = form.exec(text)
  if (parts === null) return null
  const [, major, minor = '0', patch = '0', before] = parts
  const identifiers = before === undefined ? [] : before.split('.')
  if (identifiers.some((each) => each === '' || /^0\d+$/.test(each))) return null
  return {
    numbers: [Number(major), Number(minor), Number(patch)],
    before: identifiers.map((each) => (/^\d+$/.test(each) ? Number(each) : each)),
  }
}

/**
 * Negative where the first comes before the second, by Semantic Versioning's precedence (section 11).
 *
 * @example compareVersions(parse('1.0.0-alpha'), parse('1.0.0')) < 0 // true
 */
export function compareVersions(one: Version, other: Version): number {
  for (const [at, number] of one.numbers.entries()) {
    const difference = number - (other.numbers[at] ?? 0)
    if (difference !== 0) return difference
  }
  // A release comes after everything before it.
  if (one.before.length === 0 || other.before.length === 0) return other.before.length - one.before.length
  for (let at = 0; at < Math.max(one.before.length, other.before.length); at++) {
    const difference = compareIdentifiers(one.before[at], other.before[at])
    if (difference !== 0) return difference
  }
  return 0
}

/** Numbers come before words, a shorter list before a longer one that begins alike. */
function compareIdentifiers(one: string | number | undefined, other: string | number | undefined): number {
  if (one === undefined || other === undefined) return one === other ? 0 : one === undefined ? -1 : 1
  if (typeof one === 'number' && typeof other === 'number') return one - other
  if (typeof one !== typeof other) return typeof one === 'number' ? -1 : 1
  return one === other ? 0 : one < other ? -1 : 1
}
