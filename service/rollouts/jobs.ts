import { haltOf } from '../admission/index.ts'
import {
  change,
  membersOf,
  notify,
  Refusal,
  teamUrl,
  type Context,
  type Jobs,
  type Platform,
  type Tx,
} from '../platform/index.ts'
import { findServiceById, type Service } from '../services/index.ts'
import { doActs } from './actions.ts'
import { dayIn, deviationNow, isBeyond } from './deviation.ts'
import type { Plan } from './plan.ts'
import { openNow } from './reads.ts'
import { dueNow, standingOf } from './rules.ts'
import { lockPlan, plannedServices, setTold } from './store.ts'
import { sayDeviation } from './words.ts'

export function rolloutsJobs(jobs: Jobs): void {
  jobs.every('rollouts-progress', 60, progressByClock)
}

/** ROL-5, ROL-7: the clock of the house decides; the plan's row is held, so that two instances never do the same twice. */
async function progressByClock(platform: Platform): Promise<void> {
  const ctx: Context = { ...platform, actor: { kind: 'system', name: 'The plan' }, requestId: 'rollouts' }
  for (const serviceId of await plannedServices(platform.db)) {
    try {
      await turnOf(ctx, serviceId)
    } catch (error) {
      platform.log.error({ err: error, service: serviceId }, 'a rollout plan could not go on')
    }
  }
}

async function turnOf(ctx: Context, serviceId: string): Promise<void> {
  const service = await findServiceById(ctx.db, serviceId)
  if (service === null) return
  const refused = await goOn(ctx, service)
  await change(ctx, { service: service.id, topic: 'admission' }, async (tx) => {
    const plan = await lockPlan(tx, service.id)
    if (plan === null) return
    await tellIfStuck(ctx, tx, service, plan, refused)
    await tellOfDeviation(ctx, tx, service, plan)
  })
}

/** Does what is due. What a rule refuses undoes itself, and is what the team is told. */
async function goOn(ctx: Context, service: Service): Promise<string | null> {
  try {
    return await change(ctx, { service: service.id, topic: 'admission' }, async (tx, record) => {
      const plan = await lockPlan(tx, service.id)
      if (plan === null) return null
      const now = ctx.clock.now()
      const halted = (await haltOf(tx, service.id)) !== null
      const due = dueNow(plan, { now, today: dayIn(service.timeZone, now), halted })
      if (due.kind === 'stuck') return due.why
      if (due.kind === 'acts') await doActs(ctx, tx, record, plan, due.acts)
      return null
    })
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    return `${error.title}. ${error.whatToDo}`
  }
}

/** Once for each reason: whoever reads it knows what the clock waits for. */
async function tellIfStuck(ctx: Context, tx: Tx, service: Service, plan: Plan, why: string | null): Promise<void> {
  if (plan.told.stuck === why) return
  plan.told = { ...plan.told, stuck: why }
  await setTold(tx, plan.id, plan.told)
  if (why !== null) await tellTeam(ctx, tx, service, { title: `The rollout plan of ${service.name} waits`, body: why })
}

/** ROL-7: told when it begins, and again only after it was in order. A plan that is done has nothing more to differ from. */
async function tellOfDeviation(ctx: Context, tx: Tx, service: Service, plan: Plan): Promise<void> {
  if (standingOf(plan).kind === 'done') return
  const now = ctx.clock.now()
  const today = dayIn(service.timeZone, now)
  const deviation = deviationNow(plan, service.timeZone, today, await openNow(tx, service))
  const isOff = deviation !== null && isBeyond(deviation, plan.deviation)
  if (isOff === (plan.told.deviatesSince !== null)) return
  plan.told = { ...plan.told, deviatesSince: isOff ? now.toISOString() : null }
  await setTold(tx, plan.id, plan.told)
  if (deviation === null || !isOff) return
  const title = `What is open of ${service.name} differs from the plan`
  await tellTeam(ctx, tx, service, { title, body: `${sayDeviation(deviation)}. Change the plan, or what is open.` })
}

const roles = ['service-manager', 'product'] as const

async function tellTeam(ctx: Context, tx: Tx, service: Service, note: { title: string; body: string }): Promise<void> {
  const href = `/services/${service.key}/plan`
  await notify(ctx, tx, { service: service.id, roles, href, ...note })
  const members = (await membersOf(tx, service.id)).filter(({ role }) => roles.some((each) => each === role))
  for (const to of new Set(members.map(({ email }) => email)))
    await ctx.mail.send({ to, subject: note.title, text: `${note.title}. ${note.body}\n\n${teamUrl(ctx, href)}\n` }, tx)
}
