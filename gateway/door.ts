import {
  isAsked,
  visitAttributes,
  type Arm,
  type Attributes,
  type PassVerifier,
  type Routing,
} from '../packages/admission/src/index.ts'
import type { ControlPlane } from './control-plane.ts'
import type { FeedKeeper } from './feed-keeper.ts'
import type { Incoming } from './incoming.ts'
import type { Clock } from './log.ts'
import type { Report } from './measuring/courier.ts'
import { anyMatches } from './patterns.ts'
import type { Site } from './site.ts'
import { afterAdmission, readPerson, routePerson, settle, type Person, type Visit } from './visit.ts'

/** Decides, for each request, who this is and where they go. */
export interface Door {
  /**
   * A promise only where a capped rung has to ask the control plane. Without `mayComeIn` nobody is drawn or joins:
   * a style sheet or a page of the gateway itself is no reason to give somebody a pass.
   */
  visit(site: Site, incoming: Incoming, mayComeIn: boolean): Visit | Promise<Visit>
  /**
   * GW-20: the first thing sent by somebody whose pages came from the new arm, after it was halted. `isTold` says that this
   * very answer tells them, so that the next is no first one.
   */
  isCutOff(visit: Visit, incoming: Incoming, isTold: boolean): boolean
  /** A page of this arm reached this person: what they send next was asked by it. */
  saw(visit: Visit, arm: Arm): void
}

interface DoorParts {
  keeper: FeedKeeper
  controlPlane: ControlPlane
  clock: Clock
  verify: PassVerifier
  report(report: Report): void
}

const rememberedUnits = 100_000

export function createDoor({ keeper, controlPlane, clock, verify, report }: DoorParts): Door {
  /** By unit, whose page a person saw last. A unit that is not in it is taken to have seen what its pass says. */
  let lastPage = new Map<string, Arm>()

  function remember(unit: string, arm: Arm): void {
    if (lastPage.get(unit) === arm) return
    if (lastPage.size >= rememberedUnits) lastPage = new Map()
    lastPage.set(unit, arm)
  }

  /** ADM-53: what the gateway itself knows, where a rule could ask for it. */
  function attributesOf({ key }: Site, { address, target, request }: Incoming): Attributes | null {
    const service = keeper.held()?.snapshot.services.get(key)
    if (service === undefined || service.rules.length === 0) return null
    const { 'user-agent': agent = '', 'accept-language': languages = '' } = request.headers
    return visitAttributes({ address, path: target.path, agent, languages })
  }

  function person(site: Site, incoming: Incoming): Person {
    return readPerson(site, keeper.held(), incoming.clean.cookies, verify, clock.now())
  }

  function complete(site: Site, incoming: Incoming, who: Person, routing: Routing, wasAsked: boolean): Visit {
    const now = clock.now()
    const { visit, admitted } = settle(site, keeper.held(), who, routing, incoming.scheme === 'https', now)
    // What the control plane let in itself needs no report.
    if (admitted !== null && !wasAsked) {
      report({
        service: admitted.service,
        unit: admitted.unit,
        kind: 'admitted',
        rung: admitted.rung,
        at: now.toISOString(),
      })
    }
    return visit
  }

  return {
    visit(site, incoming, mayComeIn) {
      const who = person(site, incoming)
      const attributes = attributesOf(site, incoming)
      const asks = attributes === null ? { mayComeIn } : { mayComeIn, attributes }
      const routing = routePerson(site, keeper.held(), who, asks, clock.now())
      const { unit, rung } = routing
      if (!routing.needsAdmission || unit === null || !isAsked(rung)) {
        return complete(site, incoming, who, routing, false)
      }
      return controlPlane
        .admit({ service: site.key, unit, rung, ...(rung === 'rules' && attributes !== null && { attributes }) })
        .then((answer) => complete(site, incoming, who, afterAdmission(routing, answer === 'admitted'), true))
    },
    isCutOff({ halt, person: { pass, choice } }, { method }, isTold) {
      if (halt === null || method === 'GET' || method === 'HEAD' || method === 'OPTIONS') return false
      if (pass === null || pass.arm !== 'new' || choice === 'current') return false
      if (lastPage.get(pass.unit) === 'current') return false
      if (isTold) remember(pass.unit, 'current')
      return true
    },
    saw({ person: { pass } }, arm) {
      if (pass !== null) remember(pass.unit, arm)
    },
  }
}

/** GW-13: `?pg_arm=` names an arm for an asset, so that a page finds the files of its own version. */
export function askedArm({ target, method }: Incoming, { site, halt }: Visit): Arm | null {
  if (target.query === '' || site.assets.length === 0 || !target.query.includes('pg_arm=')) return null
  if (method !== 'GET' && method !== 'HEAD') return null
  const asked = new URLSearchParams(target.query).get('pg_arm')
  if (asked !== 'current' && asked !== 'new') return null
  if (asked === 'new' && halt !== null) return null
  return anyMatches(site.assets, target.path) ? asked : null
}
