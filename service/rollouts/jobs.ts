import { haltOf } from '../admission/index.ts'
import {
  calendarDayOf,
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
import { findServiceById } from '../services/index.ts'
import { findFeature } from '../features/index.ts'
import { doActs } from './actions.ts'
import { deviationNow, isBeyond } from './deviation.ts'
import type { Plan } from './plan.ts'
import { openNow } from './reads.ts'
import { dueNow, standingOf } from './rules.ts'
import { lockPlan, plans, setTold, type Of } from './store.ts'
import { homeOf, nameOf, ofSubject, type Subject } from './subject.ts'
import { sayDeviation } from './words.ts'

export function rolloutsJobs(jobs: Jobs): void {
  jobs.every('rollouts-progress', 60, progressByClock)
}

/** ROL-5, ROL-7: the clock of the house decides; the plan's row is held, so that two instances never do the same twice. */
async function progressByClock(platform: Platform): Promise<void> {
  const ctx: Context = { ...platform, actor: { kind: 'system', name: 'The plan' }, requestId: 'rollouts' }
  for (const of of await plans(platform.db)) {
    try {
      await turnOf(ctx, of)
    } catch (error) {
      platform.log.error({ err: error, service: of.serviceId }, 'a rollout plan could not go on')
    }
  }
}

async function turnOf(ctx: Context, { serviceId, featureKey }: Of & { featureKey: string | null }): Promise<void> {
  const service = await findServiceById(ctx.db, serviceId)
  if (service === null) return
  const feature = featureKey === null ? null : await findFeature(ctx.db, serviceId, featureKey)
  if (featureKey !== null && feature === null) return
  const refused = await goOn(ctx, { service, feature })
  // What was done may have changed the feature.
  const now = featureKey === null ? null : await findFeature(ctx.db, serviceId, featureKey)
  const subject = { service, feature: now }
  await change(ctx, { service: service.id, topic: 'admission' }, async (tx) => {
    const plan = await lockPlan(tx, ofSubject(subject))
    if (plan === null) return
    await tellIfStuck(ctx, tx, subject, plan, refused)
    await tellOfDeviation(ctx, tx, subject, plan)
  })
}

/** Does what is due. What a rule refuses undoes itself, and is what the team is told. */
async function goOn(ctx: Context, subject: Subject): Promise<string | null> {
  const { service } = subject
  try {
    return await change(ctx, { service: service.id, topic: 'admission' }, async (tx, record) => {
      const plan = await lockPlan(tx, ofSubject(subject))
      if (plan === null) return null
      const now = ctx.clock.now()
      const halted = (await haltOf(tx, service.id)) !== null
      const due = dueNow(plan, { now, today: calendarDayOf(now, service.timeZone), halted })
      if (due.kind === 'stuck') return due.why
      if (due.kind === 'acts') await doActs(ctx, tx, record, { subject, stored: plan, acts: due.acts })
      return null
    })
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    return `${error.title}. ${error.whatToDo}`
  }
}

/** Once for each reason: whoever reads it knows what the clock waits for. */
async function tellIfStuck(ctx: Context, tx: Tx, subject: Subject, plan: Plan, why: string | null): Promise<void> {
  if (plan.told.stuck === why) return
  plan.told = { ...plan.told, stuck: why }
  await setTold(tx, plan.id, plan.told)
  if (why !== null)
    await tellTeam(ctx, tx, subject, { title: `The rollout plan of ${nameOf(subject)} waits`, body: why })
}

/** ROL-7: told when it begins, and again only after it was in order. A plan that is done has nothing more to differ from. */
async function tellOfDeviation(ctx: Context, tx: Tx, subject: Subject, plan: Plan): Promise<void> {
  const { timeZone } = subject.service
  if (standingOf(plan).kind === 'done') return
  const now = ctx.clock.now()
  const today = calendarDayOf(now, timeZone)
  const deviation = deviationNow(plan, timeZone, today, await openNow(tx, subject))
  const isOff = deviation !== null && isBeyond(deviation, plan.deviation)
  if (isOff === (plan.told.deviatesSince !== null)) return
  plan.told = { ...plan.told, deviatesSince: isOff ? now.toISOString() : null }
  await setTold(tx, plan.id, plan.told)
  if (deviation === null || !isOff) return
  const title = `What is open of ${nameOf(subject)} differs from the plan`
  await tellTeam(ctx, tx, subject, { title, body: `${sayDeviation(deviation)}. Change the plan, or what is open.` })
}

const roles = ['service-manager', 'product'] as const

async function tellTeam(ctx: Context, tx: Tx, subject: Subject, note: { title: string; body: string }): Promise<void> {
  const { service } = subject
  const href = homeOf(subject)
  await notify(ctx, tx, { service: service.id, roles, href, ...note })
  const members = (await membersOf(tx, service.id)).filter(({ role }) => roles.some((each) => each === role))
  for (const to of new Set(members.map(({ email }) => email)))
    await ctx.mail.send({ to, subject: note.title, text: `${note.title}. ${note.body}\n\n${teamUrl(ctx, href)}\n` }, tx)
}
