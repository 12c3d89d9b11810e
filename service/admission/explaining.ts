import { randomInt } from 'node:crypto'
import {
  buckets,
  explain,
  type CompiledFeature,
  type CompiledService,
  type EvaluationContext,
  type Explanation,
  type FeatureSnapshot,
  type LadderSnapshot,
  type UnitList,
} from '../../packages/admission/src/index.ts'
import { featuresOf } from '../features/index.ts'
import { Refusal, type Context } from '../platform/index.ts'
import type { Service } from '../services/index.ts'
import { waysIntoBeta } from './betas/ways-in.ts'
import { sayChange } from './explain-words.ts'
import { countLadder, ledgerSample } from './ladder-reads.ts'
import type { Snapshots } from './snapshots.ts'

export interface Explained extends Explanation {
  key: string
  name: string
  /** What would turn the answer round, in words. */
  wouldChange: string[]
}

/** ADM-29: in or out, which rung decided, and what would change it, for any context; of the service itself or a feature of it. */
export async function explainDecision(
  ctx: Context,
  snapshots: Snapshots,
  service: Service,
  { key, context }: { key: string; context: EvaluationContext },
): Promise<Explained> {
  await snapshots.caughtUp()
  const flag = flagOf(snapshots, service, key)
  const found = explain(snapshots.compiled(), key, context, ctx.clock.now())
  if (flag === null || found === null) throw new Refusal('flag-unknown')
  const feature =
    'variants' in flag ? ((await featuresOf(ctx.db, service.id)).find((each) => each.key === key) ?? null) : null
  const { targetingKey } = context
  const wouldChange: string[] = []
  for (const change of found.changes) {
    const isInto = change.kind === 'invite' && feature !== null && typeof targetingKey === 'string'
    wouldChange.push(...(isInto ? await waysIntoBeta(ctx.db, feature, targetingKey) : [sayChange(change, flag)]))
  }
  return { ...found, key, name: flag.name, wouldChange }
}

/** The services's own flag, or that of one of its features; null for all others. */
function flagOf(snapshots: Snapshots, service: Service, key: string): CompiledService | CompiledFeature | null {
  const { services, features } = snapshots.compiled()
  if (key === service.key) return services.get(key) ?? null
  const feature = features.get(key)
  return feature?.service.id === service.id ? feature : null
}

export const namedRungs = ['removed', 'choice', 'preview', 'staff', 'invited', 'join', 'rules', 'share'] as const
export type NamedRung = (typeof namedRungs)[number]

const mostShown = 20

export interface RungSample {
  key: string
  rung: NamedRung
  count: number
  units: string[]
}

/**
 * ADM-29: units that stand on a rung, and some of them at random: ids that say nothing of the person. Whom a share or a rule of a
 * service let in stands in the ledger; of a feature only those are known whom the present rule would not let in. Beside those with
 * a preview link of a service the snapshot has the probe, which is nobody.
 */
export async function sampleOf(
  { db }: Context,
  snapshots: Snapshots,
  service: Service,
  { key, rung }: { key: string; rung: NamedRung },
): Promise<RungSample> {
  if (flagOf(snapshots, service, key) === null) throw new Refusal('flag-unknown')
  if (key === service.key && (rung === 'preview' || rung === 'share' || rung === 'rules')) {
    const { letIn, wentBack } = await countLadder(db, service.id)
    const units = await ledgerSample(db, service.id, { rung, from: randomInt(buckets), most: mostShown })
    return { key, rung, count: letIn[rung] - wentBack[rung], units }
  }
  return { key, rung, ...snapshots.sets.sample(listsOn(snapshots, key, rung), mostShown) }
}

const setOf: Record<Exclude<NamedRung, 'rules'>, keyof LadderSnapshot['units']> = {
  removed: 'removed',
  choice: 'choseCurrent',
  preview: 'preview',
  staff: 'staff',
  invited: 'invited',
  join: 'joined',
  share: 'carried',
}

function listsOn(snapshots: Snapshots, key: string, rung: NamedRung): UnitList[] {
  const { snapshot } = snapshots.feed()
  const flags: readonly (LadderSnapshot & Pick<FeatureSnapshot, 'key'>)[] = [
    ...snapshot.services,
    ...(snapshot.features ?? []),
  ]
  const ladder = flags.find((each) => each.key === key)
  // Whom a rule of a feature lets in is known only while it is asked.
  if (ladder === undefined || rung === 'rules') return []
  const named = ladder.units[setOf[rung]]
  if (rung !== 'invited') return [named]
  const cohorts = (snapshot.cohorts ?? []).filter(({ id }) => ladder.cohorts?.includes(id))
  return [named, ...cohorts.map(({ units }) => units)]
}
