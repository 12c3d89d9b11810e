import type { LettingRung } from './ceiling.ts'
import type { CompiledService, CompiledSnapshot } from './compile.ts'
import type { Attributes } from './condition.ts'
import { reasonOf, type Decided, type EvaluationContext, type Reason } from './decide.ts'
import {
  at,
  climb,
  isDrawn,
  isInShare,
  namedRung,
  ruleFor,
  sentElsewhere,
  standingOfAll,
  type Standing,
} from './ladder.ts'
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
  /** What the gateway itself knows of the visit, for rules (ADM-26). */
  attributes?: Attributes
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
  if (!routing.needsAdmission || unit === null || !isAsked(rung)) return routing
  if (!admitted) return { ...routing, rung: 'default', reason: 'STATIC', needsAdmission: false }
  return { ...routing, arm: 'new', pass: { arm: 'new', rung, unit }, needsAdmission: false }
}

function routeStranger(service: CompiledService, visit: Visit): Routing {
  const shut = service.halt !== null || service.ceiling === 'closed' ? standingOfAll(service) : null
  if (shut !== null) return routing(shut, null, 'keep')
  if (visit.choice === 'current') return routing(at.choice.out, null, 'keep')
  if (service.ceiling === 'everyone') return routing(at.default.in, null, 'keep')
  if (visit.choice === 'new' && isJoinable(service)) return join(service, visit.newUnit())
  const drawsAnybody = service.counts.share && (service.share > 0 || service.rules.length > 0)
  if (!drawsAnybody || !visit.mayDraw) return routing(at.default.out, null, 'keep')
  const unit = visit.newUnit()
  return draw(service, unit, visit, (arm, rung) => ({ arm, rung, unit }))
}

function routeKnown(service: CompiledService, visit: Visit, pass: Pass, now: Date): Routing {
  const { unit } = pass
  const keep: PassChange = isDueForRenewal(pass, now) ? 'renew' : 'keep'
  const sent = sentElsewhere(service, unit)
  // ADM-12: a choice made in this very browser is the later word than the one that the snapshot carries.
  const isTakenBack = sent?.rung === 'choice' && visit.choice === 'new'
  if (sent !== null && !isTakenBack) return routing(sent, unit, sent.rung === 'removed' ? 'drop' : 'keep')
  if (visit.choice === 'current') return routing(at.choice.out, unit, keep)

  const named = namedRung(service, unit)
  if (named !== null && service.counts[named]) {
    return routing(at[named].in, unit, pass.arm === 'new' ? keep : { arm: 'new', rung: named, unit })
  }
  if ((pass.rung === 'share' || pass.rung === 'rules') && !visit.mayDraw)
    return routing(withoutDraw(service), unit, 'drop')
  if (pass.arm === 'new' && service.counts[pass.rung]) return routing(at[pass.rung].in, unit, keep)
  if (service.ceiling === 'everyone') return routing(at.default.in, unit, keep)
  if (visit.choice === 'new' && isJoinable(service) && !isDrawn(service, unit)) return join(service, unit)
  if (pass.arm === 'new' && !service.counts.share) return routing(at.ceiling.out, unit, keep)
  if (!service.counts.share) return routing(climb(service, { unit, attributes: visit.attributes ?? {} }), unit, keep)
  return draw(service, unit, visit, (arm, rung) => (arm === pass.arm ? keep : { arm, rung, unit }))
}

/** ADM-9, ADM-10, ADM-26: by rule, then by bucket; under a cap with places left, the control plane is asked first. */
function draw(
  service: CompiledService,
  unit: string,
  { attributes = {} }: Visit,
  pass: (arm: Arm, rung: DrawnRung) => PassChange,
): Routing {
  const isCapped = service.cap.limit !== null
  const holds = ruleFor(service, attributes, unit) !== null
  if (holds && !isCapped) return routing(at.rules.in, unit, pass('new', 'rules'))
  if (isDrawn(service, unit)) return routing(at.share.in, unit, pass('new', 'share'))
  const wanted = holds ? 'rules' : isInShare(service, unit) ? 'share' : null
  if (wanted !== null && isCapped && !service.cap.full) return askFor(wanted, unit)
  return routing(at.default.out, unit, pass('current', 'share'))
}

type DrawnRung = Extract<LettingRung, 'rules' | 'share'>

/**
 * ADM-10: by which rung a place under the cap is to be asked for, since the ledger alone says who of a rule or of the share is in;
 * null where there is nothing to ask for. Never throws.
 *
 * @example const rung = placeToAskFor(service, decision, context) // 'share': ask, and take 'new' where there is a place
 */
export function placeToAskFor(
  service: CompiledService,
  { rung }: Pick<Decided, 'rung'>,
  { targetingKey: unit, ...attributes }: EvaluationContext,
): DrawnRung | null {
  if (unit === undefined || rung !== 'default' || service.cap.limit === null || service.cap.full) return null
  if (service.counts.rules && ruleFor(service, attributes, unit) !== null) return 'rules'
  return service.counts.share && isInShare(service, unit) ? 'share' : null
}

/** A rung whose people come by themselves: a door lets them in, asks for a place under a cap, and tells the ledger. */
export type AskedRung = DrawnRung | 'join'

/**
 * Does a door let people in by this rung by itself? Never throws.
 *
 * @example isAsked('rules') // true: the ledger hears of it from the door
 */
export function isAsked(rung: Rung): rung is AskedRung {
  return rung === 'share' || rung === 'join' || rung === 'rules'
}

function join(service: CompiledService, unit: string): Routing {
  if (service.cap.limit !== null) return askFor('join', unit)
  return routing(at.join.in, unit, { arm: 'new', rung: 'join', unit })
}

function isJoinable(service: CompiledService): boolean {
  return service.joinOpen && service.counts.join && !(service.cap.limit !== null && service.cap.full)
}

function withoutDraw(service: CompiledService): Standing {
  return service.ceiling === 'everyone' ? at.default.in : at.default.out
}

function askFor(rung: AskedRung, unit: string): Routing {
  return { ...routing(at[rung].out, unit, 'keep'), needsAdmission: true }
}

function routing({ isIn, rung }: Standing, unit: string | null, pass: PassChange): Routing {
  return { arm: isIn ? 'new' : 'current', rung, reason: reasonOf(rung), unit, pass, needsAdmission: false }
}
