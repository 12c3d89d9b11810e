import { trafficBetween } from '../measures/index.ts'
import { acknowledgeAbout, act, actorName, notify, Refusal, type Context, type Platform } from '../platform/index.ts'
import type { Service } from '../services/index.ts'
import { changesUsers, windowMs, type Deployment } from './deployment.ts'
import { findDeployment, findDeploymentById, insertDeployment, setEffect, unmeasured } from './store.ts'

export type NewDeployment = Omit<Deployment, 'id' | 'effect' | 'recordedBy'>

/** The same reference told twice is one deployment: a pipeline may repeat itself. */
export async function recordDeployment(
  ctx: Context,
  service: Service,
  wanted: NewDeployment,
): Promise<{ deployment: Deployment; repeated: boolean }> {
  return act(
    ctx,
    { permission: 'deployments.write', service: service.id, topic: 'deployments' },
    async (tx, record) => {
      const stored = await insertDeployment(tx, service.id, { ...wanted, recordedBy: actorName(ctx.actor) })
      if (stored === null) {
        const known = await findDeployment(tx, service.id, wanted.reference)
        if (known === null) throw new Error('The deployment was neither stored nor known')
        return { deployment: known, repeated: true }
      }
      const where = wanted.arm === 'new' ? 'the new service' : 'the current service'
      const outcome = wanted.outcome === 'failed' ? ', which failed' : ''
      record({
        action: 'deployment.recorded',
        summary: `released version ${wanted.version} of ${where} to ${wanted.environment}${outcome}`,
        reason: wanted.changes.slice(0, 200) || undefined,
        subject: stored.id,
        detail: { arm: stored.arm, version: stored.version, environment: stored.environment, outcome: stored.outcome },
      })
      if (changesUsers(stored)) {
        await notify(ctx, tx, {
          service: service.id,
          roles: ['support'],
          title: `Version ${stored.version} of ${service.name} was released`,
          body: stored.changes === '' ? 'Nobody said what changed: ask whoever released it.' : stored.changes,
          href: `/services/${service.key}/deployments`,
          needsAcknowledgement: true,
          subject: stored.id,
        })
      }
      return { deployment: stored, repeated: false }
    },
  )
}

/** OPS-4: by a person who was asked. */
export async function acknowledgeDeployment(ctx: Context, service: Service, id: string): Promise<void> {
  await act(
    ctx,
    { permission: 'deployments.acknowledge', service: service.id, topic: 'deployments' },
    async (tx, record) => {
      const found = await findDeploymentById(tx, service.id, id)
      if (found === null) throw new Refusal('not-found')
      const accountId = ctx.actor.kind === 'account' ? ctx.actor.accountId : null
      const asked = { serviceId: service.id, subject: id, at: ctx.clock.now() }
      if (accountId === null || !(await acknowledgeAbout(tx, accountId, asked))) throw new Refusal('not-asked')
      record({
        action: 'deployment.acknowledged',
        summary: `knows what changes with version ${found.version}`,
        subject: id,
      })
    },
  )
}

/** OPS-2: half an hour later, what the gateway saw around each deployment is read once and kept. */
export async function measureEffects(platform: Platform): Promise<void> {
  const { db, clock } = platform
  // A minute more, since the gateway tells its traffic once a minute.
  const before = new Date(clock.now().getTime() - windowMs - 60_000)
  for (const { id, serviceId, arm, deployedAt } of await unmeasured(db, before)) {
    const at = deployedAt.getTime()
    await setEffect(db, id, {
      before: await trafficBetween(db, serviceId, arm, { from: new Date(at - windowMs), to: deployedAt }),
      after: await trafficBetween(db, serviceId, arm, { from: deployedAt, to: new Date(at + windowMs) }),
    })
  }
}
