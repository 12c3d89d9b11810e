import { actorName, Refusal, type Context, type Queryable, type Record, type Tx } from '../platform/index.ts'
import type { Service } from '../services/index.ts'
import { changeFeature, changeIn, type Change } from './changing.ts'
import type { Course, Feature } from './feature.ts'
import { refuseLeavingOut, refuseMove, switchPermission } from './rules.ts'
import { stageIds, stageOf, type Stage } from './stages.ts'
import { insertDecision, insertMove } from './store.ts'

const switching = ({ kind }: Feature) => switchPermission[kind]

/** The gate that ends the stage of a feature, and what is missing there; the gates domain, which stands on this one, answers. */
export interface GateAhead {
  name: string
  missing: string[]
}
type ReadGate = (db: Queryable, now: Date, service: Service, feature: Feature) => Promise<GateAhead | null>

let gateAhead: ReadGate = async () => null

export function useStageGates(read: ReadGate): void {
  gateAhead = read
}

/** FEAT-3: a stage is moved by a person; a key's move says so. Forwards past a gate the decision there moves it (FEAT-11). */
export async function moveStage(
  ctx: Context,
  service: Service,
  key: string,
  { version, to, reason }: { version: number; to: Stage['id']; reason: string },
): Promise<Feature> {
  const deed = { permission: switching, version, reason, confirmed: true }
  return changeFeature(ctx, service, key, deed, async (tx, feature) => {
    const course = courseOf(feature)
    refuseMove(course, to)
    const isForward = stageIds.indexOf(to) > stageIds.indexOf(course.stage)
    const gate = isForward ? await gateAhead(tx, ctx.clock.now(), service, feature) : null
    if (gate !== null && ctx.actor.kind !== 'key') throw new Refusal('gate-ends-stage', { gate: gate.name })
    return movedTo(ctx, tx, feature, { to, reason, waiver: waiverOfKey(ctx, gate) })
  })
}

/** GATE-16: a key goes past a gate only with everything that was missing on record. */
function waiverOfKey(ctx: Context, gate: GateAhead | null): string | null {
  if (ctx.actor.kind !== 'key') return null
  const by = `Moved by ${actorName(ctx.actor)}`
  return gate === null || gate.missing.length === 0 ? by : `${by}. Missing then: ${gate.missing.join('; ')}`
}

/** Inside the transaction of a decision at a gate, which has checked who may. */
export async function moveStageIn(
  ctx: Context,
  { tx, record }: { tx: Tx; record: Record },
  wanted: { service: Service; feature: Feature; to: string; reason: string; waiver: string | null },
): Promise<void> {
  const { service, feature, reason, waiver } = wanted
  const to = stageIds.find((id) => id === wanted.to)
  if (to === undefined) throw new Error(`There is no stage ${wanted.to}`)
  const deed = { service, key: feature.key, version: undefined, reason }
  await changeIn(ctx, { tx, record }, deed, (_tx, stored) => {
    refuseMove(courseOf(stored), to)
    return movedTo(ctx, tx, stored, { to, reason, waiver })
  })
}

function courseOf({ course, kind }: Feature): Course {
  if (course === null) throw new Refusal('no-stages', { kind })
  return course
}

async function movedTo(
  ctx: Context,
  tx: Tx,
  feature: Feature,
  { to, reason, waiver }: { to: Stage['id']; reason: string; waiver: string | null },
): Promise<Change> {
  const course = courseOf(feature)
  const action = 'feature.moved'
  const summary = `moved ${feature.key} to ${stageOf(to).name.toLowerCase()}`
  if (to === course.stage) return { to: feature, action, summary }
  const at = ctx.clock.now()
  await insertMove(tx, feature.id, { from: course.stage, to, at, by: actorName(ctx.actor), reason, waiver })
  const detail = { from: course.stage, to }
  return { to: { ...feature, course: { ...course, stage: to, since: at } }, action, summary, detail }
}

/** FEAT-3: which stages it goes through. Taking the beta in or leaving it out is a decision on record. */
export async function chooseStages(
  ctx: Context,
  service: Service,
  key: string,
  { version, stages, reason }: { version: number; stages: readonly Stage['id'][]; reason: string },
): Promise<Feature> {
  return changeFeature(ctx, service, key, { permission: switching, version, reason }, (tx, feature) =>
    chosen(ctx, tx, feature, { stages, reason }),
  )
}

/** Inside the transaction of the decision whether it has a beta, which has checked who may. */
export async function chooseStagesIn(
  ctx: Context,
  { tx, record }: { tx: Tx; record: Record },
  wanted: { service: Service; feature: Feature; stages: readonly Stage['id'][]; reason: string },
): Promise<void> {
  const { service, feature, stages, reason } = wanted
  const deed = { service, key: feature.key, version: undefined, reason }
  await changeIn(ctx, { tx, record }, deed, (_tx, stored) => chosen(ctx, tx, stored, { stages, reason }))
}

async function chosen(
  ctx: Context,
  tx: Tx,
  feature: Feature,
  wanted: { stages: readonly Stage['id'][]; reason: string },
): Promise<Change> {
  const course = courseOf(feature)
  const stages = stageIds.filter((id) => wanted.stages.includes(id))
  refuseLeavingOut(stages, course.stage)
  const at = ctx.clock.now()
  const by = actorName(ctx.actor)
  for (const stage of stageIds) {
    const takes = stages.includes(stage)
    if (takes !== course.stages.includes(stage))
      await insertDecision(tx, feature.id, { stage, takes, reason: wanted.reason, at, by })
  }
  const names = stages.map((id) => stageOf(id).name.toLowerCase()).join(', ')
  return {
    to: { ...feature, course: { ...course, stages } },
    action: 'feature.stages',
    summary: `chose the stages of ${feature.key}: ${names}`,
  }
}
