import type { LettingRung } from './ceiling.ts'
import type { CompiledService, CompiledSnapshot } from './compile.ts'
import {
  counts,
  decided,
  decideElsewhere,
  decideForAll,
  decideForUnit,
  isDrawn,
  isInShare,
  setRung,
  type Decided,
  type Reason,
} from './decide.ts'
import { isDueForRenewal, type Pass } from './pass.ts'
import type { Arm, Rung } from './snapshot.ts'

/** One visit at a gateway or at the link door. */
export interface Visit {
  /** The pass that the person holds, already verified and unexpired; null for none. */
  pass: Pass | null
  /** The person's own choice, from its own cookie. */
  choice: 'current' | 'new' | null
  newUnit: () => string
  /** False where the service's consent mode asks for a yes and there is none (ADM-11). */
  mayDraw: boolean
}

/** What happens to the pass cookie. `renew` signs the same pass for a new period; an object is the pass to set. */
export type PassChange = 'keep' | 'drop' | 'renew' | { arm: Arm; rung: LettingRung; unit: string }

export interface Routing {
  arm: Arm
  rung: Rung
  reason: Reason
  /** Null where the person has no unit and needs none. */
  unit: string | null
  pass: PassChange
  /** The rung named here is capped and has a place: ask the control plane, then call `afterAdmission`. */
  needsAdmission: boolean
}

/**
 * Where a visit goes and what becomes of its pass. Agrees with `decide` for the same unit, and adds what only a visit
 * knows: the pass (who is in stays in, ADM-7), the choice, consent, and the first draw. Never throws; an unknown key
 * goes to the current service.
 * Where `needsAdmission` is true the arm is `current` and `unit` and `rung` are what to ask the control plane for.
 *
 * @example route(compiled, 'parking-permit', { pass, choice: null, newUnit, mayDraw: true }, new Date()).arm
 */
export function route(snapshot: CompiledSnapshot, key: string, visit: Visit, now: Date): Routing {
  const service = snapshot.services.get(key)
  if (service === undefined) {
    return { arm: 'current', rung: 'default', reason: 'STATIC', unit: null, pass: 'keep', needsAdmission: false }
  }
  const { pass } = visit
  return pass === null ? routeStranger(service, visit) : routeKnown(service, visit, pass, now)
}

/**
 * The routing after the control plane was asked: let in with a pass, or elsewhere without one (also when it did not
 * answer in time).
 *
 * @example if (routing.needsAdmission) routing = afterAdmission(routing, await ask(routing.unit, routing.rung))
 */
export function afterAdmission(routing: Routing, admitted: boolean): Routing {
  const { rung, unit } = routing
  if (!routing.needsAdmission || unit === null || (rung !== 'share' && rung !== 'join')) return routing
  if (!admitted) return { ...routing, rung: 'default', reason: 'STATIC', needsAdmission: false }
  return { ...routing, arm: 'new', pass: { arm: 'new', rung, unit }, needsAdmission: false }
}

function routeStranger(service: CompiledService, visit: Visit): Routing {
  const shut = service.halt !== null || service.ceiling === 'closed' ? decideForAll(service) : null
  if (shut !== null) return routing(shut, null, 'keep')
  if (visit.choice === 'current') return routing(decided(service, 'current', 'choice'), null, 'keep')
  if (service.ceiling === 'everyone') return routing(decided(service, 'new', 'default'), null, 'keep')
  if (visit.choice === 'new' && isJoinable(service)) return join(service, visit.newUnit())
  if (!counts(service, 'share') || service.share === 0 || !visit.mayDraw) {
    return routing(decided(service, 'current', 'default'), null, 'keep')
  }
  const unit = visit.newUnit()
  return draw(service, unit, (arm) => ({ arm, rung: 'share', unit }))
}

function routeKnown(service: CompiledService, visit: Visit, pass: Pass, now: Date): Routing {
  const { unit } = pass
  const keep: PassChange = isDueForRenewal(pass, now) ? 'renew' : 'keep'
  const sent = decideElsewhere(service, unit)
  // ADM-12: a choice made in this very browser is the later word than the one that the snapshot carries.
  const isTakenBack = sent?.rung === 'choice' && visit.choice === 'new'
  if (sent !== null && !isTakenBack) return routing(sent, unit, sent.rung === 'removed' ? 'drop' : 'keep')
  if (visit.choice === 'current') return routing(decided(service, 'current', 'choice'), unit, keep)

  const named = setRung(service, unit)
  if (named !== null && counts(service, named)) {
    return routing(decided(service, 'new', named), unit, pass.arm === 'new' ? keep : { arm: 'new', rung: named, unit })
  }
  if (pass.rung === 'share' && !visit.mayDraw) return routing(withoutDraw(service), unit, 'drop')
  if (pass.arm === 'new' && counts(service, pass.rung)) return routing(decided(service, 'new', pass.rung), unit, keep)
  if (service.ceiling === 'everyone') return routing(decided(service, 'new', 'default'), unit, keep)
  if (visit.choice === 'new' && isJoinable(service) && !isDrawn(service, unit)) return join(service, unit)
  if (pass.arm === 'new' && !counts(service, 'share'))
    return routing(decided(service, 'current', 'ceiling'), unit, keep)
  if (!counts(service, 'share')) return routing(decideForUnit(service, unit), unit, keep)
  return draw(service, unit, (arm) => (arm === pass.arm ? keep : { arm, rung: 'share', unit }))
}

/** ADM-9, ADM-10: by bucket; under a cap with places left, the control plane is asked first. */
function draw(service: CompiledService, unit: string, pass: (arm: Arm) => PassChange): Routing {
  if (isDrawn(service, unit)) return routing(decided(service, 'new', 'share'), unit, pass('new'))
  if (service.cap.limit !== null && !service.cap.full && isInShare(service, unit)) return askFor(service, 'share', unit)
  return routing(decided(service, 'current', 'default'), unit, pass('current'))
}

function join(service: CompiledService, unit: string): Routing {
  if (service.cap.limit !== null) return askFor(service, 'join', unit)
  return routing(decided(service, 'new', 'join'), unit, { arm: 'new', rung: 'join', unit })
}

function isJoinable(service: CompiledService): boolean {
  return service.joinOpen && counts(service, 'join') && !(service.cap.limit !== null && service.cap.full)
}

function withoutDraw(service: CompiledService): Decided {
  return service.ceiling === 'everyone' ? decided(service, 'new', 'default') : decided(service, 'current', 'default')
}

function askFor(service: CompiledService, rung: 'share' | 'join', unit: string): Routing {
  return { ...routing(decided(service, 'current', rung), unit, 'keep'), needsAdmission: true }
}

function routing({ variant, rung, reason }: Decided, unit: string | null, pass: PassChange): Routing {
  return { arm: variant, rung, reason, unit, pass, needsAdmission: false }
}
