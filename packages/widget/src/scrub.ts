/** What looks like personal data in a text, and the text without it. Pure: the browser asks before it sends. */
export interface Scrubbed {
  found: string[]
  text: string
}

const kinds: [name: string, pattern: RegExp, holds: (match: string) => boolean][] = [
  ['an email address', /[^\s@<>()",;]+@[^\s@<>()",;]+\.[a-z]{2,}/gi, () => true],
  ['a National Insurance number', /\b[a-ceghj-prstw-z][a-ceghj-nprstw-z](?:[ -]?\d\d){3}[ -]?[a-d]\b/gi, () => true],
  ['a card number', /\b\d(?:[ -]?\d){12,18}\b/g, passesLuhn],
]

export function scrub(comment: string): Scrubbed {
  const found: string[] = []
  let text = comment
  for (const [name, pattern, holds] of kinds) {
    text = text.replace(pattern, (match) => {
      if (!holds(match)) return match
      if (!found.includes(name)) found.push(name)
      return '[removed]'
    })
  }
  return { found, text }
}

function passesLuhn(match: string): boolean {
  let sum = 0
  const digits = match.replace(/\D/g, '')
  for (let i = 0; i < digits.length; i++) {
    const digit = +digits.charAt(digits.length - 1 - i) * (i % 2 ? 2 : 1)
    sum += digit > 9 ? digit - 9 : digit
  }
  return sum % 10 === 0
}
