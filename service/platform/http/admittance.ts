import type { KeyKind } from '../context.ts'
import { allows, serviceRoles, type Holder } from '../permissions.ts'
import type { Needs, RouteRow } from './route-table.ts'

/** Who stands at the door, and what that one is on the service that the address names (or on none). */
export interface Caller {
  kind: 'account' | 'key' | 'anonymous' | 'system'
  /** Of a key. */
  keyKind?: KeyKind
  /** Of an account. */
  isOwner?: boolean
  /** What it shows is no key, or no longer. */
  showsFalseKey?: boolean
  holders: readonly Holder[]
}

/** What the address is about. */
export type Named = 'a service' | 'a service in the body' | 'a service that is not there' | 'no service'

/** `missing` is the answer for what is not there, and for what belongs to others: from outside the two are the same. */
export type Admittance = 'in' | 'sign-in' | 'refused' | 'missing'

/**
 * The one decision at the door. docs/permissions.md is written from it, and test/permissions.test.ts holds the
 * running service to it.
 */
export function admittance({ needs, url }: Pick<RouteRow, 'needs' | 'url'>, caller: Caller, named: Named): Admittance {
  if (needs === 'decision' && caller.showsFalseKey === true) return 'sign-in'
  if (isForAnybody(needs)) return named === 'a service that is not there' ? 'missing' : 'in'
  // The team's cookie is not the public's: at the edge a session counts for nothing.
  if (caller.kind === 'anonymous' || (isOfGateway(needs) && caller.kind === 'account')) return 'sign-in'
  if (caller.kind === 'system') return 'in'
  // A client key stands in pages that anybody can read: whoever holds it is the public.
  const isPublic = named === 'a service' && caller.keyKind === 'client'
  const isOutside = named !== 'no service' && (caller.holders.length === 0 || isPublic)
  if (isOutside || named === 'a service that is not there') return 'missing'
  // Whoever may not do so is told nothing of the edge: it is between the gateway and the service.
  if (needs === 'edge') return caller.keyKind === 'gateway' || caller.keyKind === 'admin' ? 'in' : 'missing'
  if (needs === 'gateway-key') return caller.keyKind === 'gateway' ? 'in' : 'missing'
  // Such a page is a person's own, and a key is nobody.
  if (isOfPerson(needs) && caller.keyKind === 'admin' && !url.startsWith('/api/')) return 'sign-in'
  return isAllowed(needs, caller, named) ? 'in' : 'refused'
}

function isAllowed(needs: Exclude<Needs, Public | 'edge' | 'gateway-key'>, caller: Caller, named: Named): boolean {
  const isAdmin = caller.keyKind === 'admin'
  if (needs === 'admin-key') return isAdmin
  if (needs === 'signed-in') return caller.kind === 'account' || isAdmin
  if (needs === 'owner') return caller.isOwner === true || isAdmin
  // The body names the service: whoever could never do it stops here, the action asks the rest.
  return allows(needs, named === 'no service' ? everythingItCouldBe(caller) : caller.holders)
}

type Public = 'nothing' | 'decision'

/** Asked of nobody: such pages and answers come with the database away, too. */
export function isForAnybody(needs: Needs): needs is Public {
  return needs === 'nothing' || needs === 'decision'
}

/** Between a gateway and the service; no person and no page comes here. */
export function isOfGateway(needs: Needs): needs is 'edge' | 'gateway-key' {
  return needs === 'edge' || needs === 'gateway-key'
}

function isOfPerson(needs: Needs): boolean {
  return needs === 'signed-in' || needs === 'owner'
}

function everythingItCouldBe({ kind, keyKind }: Caller): readonly Holder[] {
  if (kind === 'key') return keyKind === undefined ? [] : [`key:${keyKind}`]
  return [...serviceRoles, 'owner']
}
