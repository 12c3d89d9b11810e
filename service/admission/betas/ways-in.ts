import type { Queryable } from '../../platform/index.ts'
import type { Feature } from '../../features/index.ts'
import { findBeta, groupsOf, placesUnderCap } from './store.ts'

/** ADM-29: what alone would let somebody into a beta who is not in it. Nothing does where two things would have to change. */
export async function waysIntoBeta(db: Queryable, feature: Feature, who: string): Promise<string[]> {
  const of = { featureId: feature.id, serviceId: feature.serviceId }
  const beta = await findBeta(db, of.serviceId, of.featureId)
  const cohorts = feature.cohorts.map(({ id }) => id)
  const accounts = beta.accounts.map(({ id }) => id)
  const person = await groupsOf(db, of.serviceId, who)
  const { cohortId = null, accountId = null } = person ?? {}
  const isNamed =
    (cohortId !== null && cohorts.includes(cohortId)) || (accountId !== null && accounts.includes(accountId))
  if (beta.pool === 'staff' && feature.course?.stage === 'beta-release')
    return isNamed ? ['Opening the beta to customers: it is for staff only'] : []

  if (beta.cap !== null) {
    const { cap, capCounts } = beta
    const places = await placesUnderCap(db, of, { cap, capCounts, cohorts, accounts })
    const taken = new Set(places.map(({ counts }) => counts))
    const own = capCounts === 'accounts' && accountId !== null ? accountId : (person?.unit ?? who)
    // ADM-64: whoever comes takes a free place, and nobody else's.
    if (taken.size >= cap && !taken.has(own)) return isNamed ? ['A higher cap of the beta: every place is taken'] : []
  }
  return [
    'A cohort of this person that gets the feature',
    ...(accountId === null || accounts.includes(accountId) ? [] : ['Opening the beta to the account of this person']),
    ...(beta.offered ? ['Switching it on themselves, on the page “Try new things”'] : []),
  ]
}
