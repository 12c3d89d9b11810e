import { admissionSignals, featurePreviews, type FeaturePreview } from '../admission/index.ts'
import { countOfKind } from '../feedback/index.ts'
import { nextGate, readGate, type GateView } from '../gates/index.ts'
import { membersOf, type Context, type Db } from '../platform/index.ts'
import type { OfFeature } from './actions.ts'
import type { StageWork } from './stages.ts'
import { workOf } from './store.ts'

/** FEAT-12: how many asked, where it is measured. */
export interface Demand {
  waiting: number | null
  suggestions: number
}

export interface StageView {
  of: OfFeature
  gate: GateView | null
  work: StageWork
  previews: FeaturePreview[]
  demand: Demand
  members: Awaited<ReturnType<typeof membersOf>>
}

const demandDays = 90

export async function readStage(ctx: Context, of: OfFeature): Promise<StageView> {
  const now = ctx.clock.now()
  const { gate } = await nextGate(ctx.db, of)
  return {
    of,
    gate: gate === null ? null : await readGate(ctx.db, now, of, gate.id),
    work: await workOf(ctx.db, of.feature),
    previews: await featurePreviews(ctx.db, of.feature.id),
    demand: await demandFor(ctx.db, of, now),
    members: await membersOf(ctx.db, of.service.id),
  }
}

async function demandFor(db: Db, { service }: OfFeature, now: Date): Promise<Demand> {
  const window = { from: new Date(now.getTime() - demandDays * 86_400_000), to: now }
  const waiting = await admissionSignals.find(({ id }) => id === 'admission.waiting')?.read(db, service, window)
  return {
    waiting: waiting?.kind === 'value' ? waiting.value : null,
    suggestions: await countOfKind(db, service.id, 'suggestion', window.from),
  }
}

export function demandWords({ waiting, suggestions }: Demand): string {
  const asked = `${suggestions} ${suggestions === 1 ? 'suggestion' : 'suggestions'} in feedback in ${demandDays} days`
  return waiting === null ? asked : `${asked}, ${waiting} ${waiting === 1 ? 'person waits' : 'people wait'} for a place`
}
