import type { Actor, Context, Person } from '../context.ts'
import type { Html } from '../html/index.ts'
import type { Problem } from '../problem.ts'
import { Refusal } from '../refusal.ts'

/** ACC-5: how long a confirmation lasts. */
export const confirmationMinutes = 10

// A clock that was set back must not stretch a confirmation; processes that share a database differ by less than this.
const aheadMs = 60_000

/** Only a person's browser session is asked; a key acts under the key's own name (contracts.md, Gates). */
export function isConfirmed(actor: Actor, now: Date): boolean {
  if (actor.kind !== 'account') return true
  if (actor.confirmedAt === null) return false
  const age = now.getTime() - actor.confirmedAt.getTime()
  return age <= confirmationMinutes * 60_000 && age >= -aheadMs
}

export function refuseUnconfirmed(ctx: Context): void {
  if (!isConfirmed(ctx.actor, ctx.clock.now())) throw new Refusal('confirm-again', { minutes: confirmationMinutes })
}

/** What was posted beside the fields of the form itself; every name begins with `confirm-`. */
export type Answer = { [field: string]: string | undefined }

export interface Offer {
  /** Fields of one small form; their names begin with `confirm-`. */
  fields: Html
  /** On its button. */
  button: string
}

/**
 * One way for people to show that they are who signed in. The page offers each of those that the person has; the button
 * pressed says which one the answer is for.
 */
export interface ConfirmationMethod {
  id: string
  /** Null where this person has none of it. `again` holds what was wrong the last time, or that its first step is done. */
  offer(ctx: Context, person: Person, again: readonly Problem[] | 'begun'): Promise<Offer | null>
  /** No problems: it is the person. A problem's field is the name of a field in the offer. `begun`: now the next step. */
  check(ctx: Context, person: Person, answer: Answer): Promise<Problem[] | 'begun'>
}

/** Marks the fields of a confirmation among those of the form that it stands in the way of. */
export const confirmPrefix = 'confirm-'
/** Holds the id of the method whose button was pressed. */
export const confirmWith = 'confirm-with'
