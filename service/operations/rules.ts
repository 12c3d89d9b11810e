import { asymptoticConfidenceSequence, type Moments } from '../../packages/statistics/src/index.ts'
import type { Deployment, Effect, Traffic } from './deployment.ts'

export interface DeploymentFigures {
  count: number
  failed: number
  /** 0 to 1; null without deployments. */
  failedShare: number | null
  /** Per week, over the period. */
  perWeek: number
  /** Days from the oldest change to its deployment, the median of those that told it; null where none did. */
  leadDays: number | null
  measured: number
  /** Of the gateway's checks around the measured deployments, the share that failed, as minutes of an hour. */
  downtimeMinutes: number | null
  errors: ErrorChange
}

export type ErrorChange =
  | { kind: 'value'; before: number; after: number; difference: number; low: number; high: number; n: number }
  | { kind: 'no-data' }
  | { kind: 'too-few'; n: number; needed: number }

const enough = 30
const dayMs = 86_400_000

/** OPS-1 to OPS-3: how often, how long until, and what users felt of it. */
export function figuresOf(deployments: readonly Deployment[], days: number): DeploymentFigures {
  const effects = deployments.flatMap(({ effect }) => (effect === null ? [] : [effect]))
  const leads = deployments
    .flatMap(({ committedAt, deployedAt }) =>
      committedAt === null ? [] : [(deployedAt.getTime() - committedAt.getTime()) / dayMs],
    )
    .toSorted((a, b) => a - b)
  const failed = deployments.filter(({ outcome }) => outcome === 'failed').length
  return {
    count: deployments.length,
    failed,
    failedShare: deployments.length === 0 ? null : failed / deployments.length,
    perWeek: deployments.length / (days / 7),
    leadDays: leads[Math.floor(leads.length / 2)] ?? null,
    measured: effects.length,
    downtimeMinutes: downtime(effects),
    errors: errorChange(effects),
  }
}

/** OPS-2: checks that failed in the half hour after a deployment, as minutes of those half hours. */
function downtime(effects: readonly Effect[]): number | null {
  const checked = effects.filter(({ after }) => after.checks > 0)
  if (checked.length === 0) return null
  return checked.reduce((sum, { after }) => sum + (30 * after.checksFailed) / after.checks, 0)
}

/** OPS-3: failed requests per 1,000 after less before, with an interval that holds however often one looks. */
export function errorChange(effects: readonly Effect[]): ErrorChange {
  const before = total(effects.map((effect) => effect.before))
  const after = total(effects.map((effect) => effect.after))
  const n = Math.min(before.requests, after.requests)
  if (effects.length === 0 || n === 0) return { kind: 'no-data' }
  if (n < enough) return { kind: 'too-few', n, needed: enough }
  const { estimate, low, high } = asymptoticConfidenceSequence({
    control: proportion(before),
    treatment: proportion(after),
    alpha: 0.05,
  })
  const perThousand = (value: number) => 1000 * value
  return {
    kind: 'value',
    before: perThousand(before.failed / before.requests),
    after: perThousand(after.failed / after.requests),
    difference: perThousand(estimate ?? 0),
    low: perThousand(low),
    high: perThousand(high),
    n: before.requests + after.requests,
  }
}

function proportion({ requests, failed }: Traffic): Moments {
  return { kind: 'proportion', n: requests, successes: Math.min(failed, requests) }
}

export function total(parts: readonly Traffic[]): Traffic {
  const sum = { requests: 0, failed: 0, checks: 0, checksFailed: 0 }
  for (const part of parts) for (const name of Object.keys(sum) as (keyof Traffic)[]) sum[name] += part[name]
  return sum
}
