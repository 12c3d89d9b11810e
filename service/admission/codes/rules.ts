import { randomInt } from 'node:crypto'
import type { Code } from './code.ts'

/** Nothing that looks or sounds like another: no vowels, so no words; no 0 and O, 1 and I, no L, S and U. */
const letters = '23456789BCDFGHJKMNPQRTVWXZ'
/** 26 to the 12th: a hundred thousand codes are still hit by one guess in a million million. */
const length = 12
const shape = new RegExp(`^[${letters}]{${length}}$`)

export function newCode(): string {
  return Array.from({ length }, () => letters[randomInt(letters.length)]).join('')
}

/** In groups of four, as it is read out and printed. */
export function sayCode(code: string): string {
  return code.match(/.{1,4}/g)?.join(' ') ?? code
}

/** As people type it: small letters, spaces and dashes are no matter. Null for what can be no code. */
export function readCode(typed: string): string | null {
  const code = typed.toUpperCase().replaceAll(/[\s\-–—.]/g, '')
  return shape.test(code) ? code : null
}

export type CodeState = 'open' | 'used-up' | 'expired' | 'revoked'

export function stateOf(code: Pick<Code, 'used' | 'mostUses' | 'expiresAt' | 'revokedAt'>, at: Date): CodeState {
  if (code.revokedAt !== null) return 'revoked'
  if (code.used >= code.mostUses) return 'used-up'
  return code.expiresAt <= at ? 'expired' : 'open'
}

/** `example.org` holds for anna@example.org, and for nobody at a domain below or beside it. */
export function isOfDomain(address: string, domain: string): boolean {
  return address.toLowerCase().endsWith(`@${domain.toLowerCase()}`)
}
