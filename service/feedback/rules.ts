import { randomInt } from 'node:crypto'
import type { Journey } from '../services/index.ts'
import type { FeedbackState } from './feedback.ts'

export interface Behaviour {
  /** What stands in the field that is labelled “Leave this blank”. */
  trap: string
  comment: string
  /** From showing the form to sending it; null when not known. */
  tookMs: number | null
}

/**
 * FEED-5: signs of a robot. They only put an answer aside for a person to look at: pasting, speed and links are also
 * how assistive technology, password managers and helpful people behave.
 */
export function spamReasons({ trap, comment, tookMs }: Behaviour): string[] {
  const reasons: string[] = []
  const links = comment.match(/https?:\/\/|www\./gi)?.length ?? 0
  if (trap !== '') reasons.push('The field to leave blank was filled in')
  if (links >= 3) reasons.push(`It holds ${links} links`)
  if (/<a\s|\[url=/i.test(comment)) reasons.push('It holds markup for links')
  if (tookMs !== null && tookMs < 3000 && comment.length > 100) reasons.push('A long comment was sent within 3 seconds')
  return reasons
}

/** Two weak signs, or the trap by itself. */
export function isSpam(behaviour: Behaviour): boolean {
  return behaviour.trap !== '' || spamReasons(behaviour).length >= 2
}

const accessWords =
  /\b(screen[ -]?readers?|jaws|nvda|voice ?over|talk ?back|dragon|voice control|magnifiers?|magnification|zoom text|contrast|colou?r[ -]?blind\w*|narrator|accessib\w*|inaccessib\w*|disabilit\w*|dyslexi\w*|blind|deaf|alt text|text size|font size|larger text|braille|captions|subtitles)\b|keyboard.*\b(only|focus|trap|tab|mouse|navigat\w*)|\b(only|focus|trap|tab|mouse)\b.*keyboard/i

/** FEED-14: a complaint about access must be seen at the gate without anybody's doing; a person corrects a wrong guess. */
export function soundsLikeAccess(comment: string): boolean {
  return accessWords.test(comment)
}

// Nothing that is misread aloud or by eye: no 0/O, 1/I/L, and no vowels that make words.
const letters = '23456789BCDFGHJKMNPQRSTVWXZ'

export function newReference(): string {
  const draw = () => Array.from({ length: 4 }, () => letters[randomInt(letters.length)]).join('')
  return `${draw()}-${draw()}`
}

const next: Record<FeedbackState, readonly FeedbackState[]> = {
  new: ['read', 'answered', 'closed', 'spam'],
  read: ['answered', 'closed', 'new', 'spam'],
  answered: ['read', 'closed'],
  closed: ['read', 'answered'],
  spam: ['new', 'closed'],
}

export function nextStates(state: FeedbackState): readonly FeedbackState[] {
  return next[state]
}

/** FEED-7: an item ends in a decision, and a decision is said in words. */
export function needsDecision(state: FeedbackState): boolean {
  return state === 'answered' || state === 'closed'
}

/** Numbers in an address of a page may name a person's case: they are left out before it is stored (FEED-6). */
export function pageWithoutNumbers(page: string): string {
  const path = page.split(/[?#]/)[0] ?? ''
  return path.replaceAll(/[^/]*(?:\d{4,}|@|%40)[^/]*/g, '*').slice(0, 300)
}

export type Place = { ok: true; journey: string | null; ending: string | null } | { ok: false }

/** Where in the service somebody was. Where there is one journey, its name need not be said. */
export function placeOf(journeys: readonly Journey[], said: { journey?: string; ending?: string }): Place {
  const journey = journeys.find(({ id }) => id === said.journey) ?? (said.journey === undefined ? only(journeys) : null)
  const endingKnown = said.ending === undefined || journey?.endings.some(({ id }) => id === said.ending) === true
  if ((said.journey !== undefined && journey === null) || !endingKnown) return { ok: false }
  const isSaid = said.journey !== undefined || said.ending !== undefined
  return { ok: true, journey: isSaid ? (journey?.id ?? null) : null, ending: said.ending ?? null }
}

function only(journeys: readonly Journey[]): Journey | null {
  return journeys.length === 1 ? (journeys[0] ?? null) : null
}
