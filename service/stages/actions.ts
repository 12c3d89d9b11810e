import { chooseStagesIn, stageIds } from '../features/index.ts'
import { readAgain, type Subject } from '../gates/index.ts'
import {
  act,
  actorName,
  longDayWords,
  membersOf,
  mustHaveCome,
  mustLieAhead,
  notify,
  Refusal,
  roleNames,
  rolesOf,
  teamUrl,
  type Context,
  type Permission,
  type Record,
  type ServiceRole,
  type Tx,
} from '../platform/index.ts'
import type { z } from 'zod'
import { refuseEarlyRequest, refuseLateChoice, refuseReasonless } from './rules.ts'
import type * as schemas from './schemas.ts'
import {
  acknowledging,
  acknowledgingWords,
  type BetaDecision,
  type Party,
  type StagedFeature,
  type StageWork,
} from './stages.ts'
import * as store from './store.ts'

export type OfFeature = Extract<Subject, { kind: 'feature' }>

interface At {
  tx: Tx
  record: Record
  feature: StagedFeature
  work: StageWork
  now: Date
  by: string
}

/** One act on a feature between its gates: on the feature as this transaction sees it, with history. */
async function onStage<T>(
  ctx: Context,
  { service, feature: asked }: OfFeature,
  permission: Permission,
  work: (at: At) => Promise<T>,
): Promise<T> {
  return act(ctx, { permission, service: service.id, topic: 'features' }, async (tx, record) => {
    await store.lockStage(tx, asked.id)
    const subject = await readAgain(tx, { kind: 'feature', service, feature: asked })
    if (subject?.kind !== 'feature') throw new Refusal('not-found')
    const { feature } = subject
    const named: Record = (entry) =>
      record({ ...entry, subject: feature.id, detail: { key: feature.key, ...entry.detail } })
    const done = await store.workOf(tx, feature)
    return work({ tx, record: named, feature, work: done, now: ctx.clock.now(), by: actorName(ctx.actor) })
  })
}

const pageOf = ({ service, feature }: OfFeature): string => `/services/${service.key}/features/${feature.key}/stages`

/** FEAT-12: whether a beta is worth it is decided case by case, with Growth and with Support. */
export async function decideBeta(
  ctx: Context,
  of: OfFeature,
  wanted: z.output<typeof schemas.betaDecisionBody>,
): Promise<void> {
  const takes = wanted.takes === 'yes'
  await onStage(ctx, of, 'features.edit', async ({ tx, record, feature, now: at, by }) => {
    refuseLateChoice(feature)
    refuseReasonless(takes, wanted.reasons)
    const growth = await partyOf(tx, of, 'growth', wanted.growth)
    const support = await partyOf(tx, of, 'support', wanted.support)
    const { reasons, reason } = wanted
    const decision: BetaDecision = { takes, reasons, reason, growth, support, at, by }
    await store.insertBetaDecision(tx, feature.id, decision)
    const way = takes ? 'goes through a beta' : 'goes without a beta'
    record({
      action: 'feature.beta-decided',
      summary: `decided with ${growth.name} and ${support.name} that ${feature.name} ${way}`,
      reason,
      detail: { takes, reasons, growth, support },
    })
    const stages = stageIds.filter((id) => (id === 'beta-release' ? takes : feature.course.stages.includes(id)))
    await chooseStagesIn(ctx, { tx, record }, { service: of.service, feature, stages, reason })
  })
}

async function partyOf(tx: Tx, { service }: OfFeature, role: ServiceRole, accountId: string): Promise<Party> {
  const member = (await membersOf(tx, service.id)).find((each) => each.accountId === accountId && each.role === role)
  if (member === undefined) throw new Refusal('party-of-another-role', { role: roleNames[role] })
  return { accountId, name: member.name }
}

/** FEAT-13: the builder says that it is ready; Growth and Support are asked to acknowledge, by notice and by mail. */
export async function askForBeta(
  ctx: Context,
  of: OfFeature,
  { note }: z.output<typeof schemas.requestBody>,
): Promise<void> {
  await onStage(ctx, of, 'features.edit', async ({ tx, record, feature, now: at, by }) => {
    refuseEarlyRequest(feature)
    await store.insertRequest(tx, feature.id, { note, at, by })
    record({ action: 'feature.beta-asked', summary: `said that ${feature.name} is ready for beta`, reason: note })
    const title = `${feature.name} is ready for beta`
    const body = `${by}: ${note}`
    const href = pageOf(of)
    const { id } = of.service
    // Acknowledged on its page, for a role: that a notice was read says nothing of that.
    await notify(ctx, tx, { service: id, roles: acknowledging, title, body, href })
    const asked = (await membersOf(tx, id)).filter(({ role }) => acknowledging.some((each) => each === role))
    const text = `${title}. ${body}\n\nAcknowledge it here; then Growth opens it:\n${teamUrl(ctx, href)}\n`
    for (const to of new Set(asked.map(({ email }) => email))) await ctx.mail.send({ to, subject: title, text }, tx)
  })
}

/** FEAT-13: each for the own role. */
export async function acknowledgeBeta(
  ctx: Context,
  of: OfFeature,
  { role }: z.output<typeof schemas.acknowledgementBody>,
): Promise<void> {
  await onStage(ctx, of, 'features.acknowledge', async ({ tx, record, feature, work, now: at, by }) => {
    const { actor } = ctx
    if (actor.kind !== 'account' || !(await rolesOf(tx, actor.accountId, of.service.id)).includes(role))
      throw new Refusal('confirmation-of-another-role', { role: acknowledgingWords[role] })
    if (work.request === null) throw new Refusal('not-asked-for-beta')
    const isNew = await store.insertAcknowledgement(tx, work.request.id, { role, by, at }, actor.accountId)
    if (!isNew) return
    const summary = `acknowledged as ${acknowledgingWords[role]} that ${feature.name} is ready for beta`
    record({ action: 'feature.beta-acknowledged', summary })
  })
}

export async function recordPlanning(
  ctx: Context,
  of: OfFeature,
  wanted: z.output<typeof schemas.planningBody>,
): Promise<void> {
  await onStage(ctx, of, 'features.edit', async ({ tx, record, feature, now: at, by }) => {
    mustHaveCome(wanted.talkedOn, of.service, at)
    await store.insertPlanning(tx, feature.id, { ...wanted, at, by })
    record({
      action: 'feature.planning',
      summary: `recorded that the stages of ${feature.name} were talked about on ${longDayWords(wanted.talkedOn)}`,
      reason: wanted.note,
    })
  })
}

/** FEAT-14: everybody of the team hears that it is there, and when it is to be public. */
export async function announceStage(
  ctx: Context,
  of: OfFeature,
  { body, publicOn }: z.output<typeof schemas.announcementBody>,
): Promise<void> {
  await onStage(ctx, of, 'features.edit', async ({ tx, record, feature, now: at, by }) => {
    const { stage } = feature.course
    mustLieAhead(publicOn, of.service, at)
    await store.insertAnnouncement(tx, feature.id, { stage, body, publicOn, at, by })
    record({
      action: 'feature.announced',
      summary: `told the company of ${feature.name}, expected to be public on ${longDayWords(publicOn)}`,
      reason: body,
      detail: { stage, publicOn },
    })
    const title = `${feature.name}: ${stage.replaceAll('-', ' ')}, public expected on ${longDayWords(publicOn)}`
    await notify(ctx, tx, { service: of.service.id, title, body, href: pageOf(of) })
  })
}

/** FEAT-15: where daily work does not lead to it, Support assigns who tries it. */
export async function assignTester(
  ctx: Context,
  of: OfFeature,
  { tester, task }: z.output<typeof schemas.testerBody>,
): Promise<string> {
  return onStage(ctx, of, 'features.assign-testers', async ({ tx, record, feature, now: at, by }) => {
    const member = (await membersOf(tx, of.service.id)).find(({ accountId }) => accountId === tester)
    if (member === undefined) throw new Refusal('member-unknown')
    const { name } = member
    const id = await store.insertTester(tx, feature.id, { accountId: tester, name, task, at, by })
    record({ action: 'feature.tester', summary: `asked ${name} to try ${feature.name}`, reason: task, detail: { id } })
    const title = `You are asked to try ${feature.name}`
    const text = `${task}\n\nSay here what came out:\n${teamUrl(ctx, pageOf(of))}\n`
    await ctx.mail.send({ to: member.email, subject: title, text }, tx)
    await notify(ctx, tx, { service: of.service.id, accounts: [tester], title, body: task, href: pageOf(of) })
    return id
  })
}

/** FEAT-15: by the one who was asked, or by Support for them. */
export async function recordResult(
  ctx: Context,
  of: OfFeature,
  id: string,
  { result: kind, note }: z.output<typeof schemas.resultBody>,
): Promise<void> {
  await onStage(ctx, of, 'features.test', async ({ tx, record, feature, work, now: at }) => {
    const tester = work.testers.find((each) => each.id === id)
    if (tester === undefined) throw new Refusal('not-found')
    if (!(await isTheirs(ctx, tx, of, tester.accountId))) throw new Refusal('result-of-another', { name: tester.name })
    await store.setResult(tx, id, { kind, note, at })
    const found = kind === 'works' ? 'works' : 'fails'
    record({
      action: 'feature.tested',
      summary: `recorded of the test of ${tester.name}: ${feature.name} ${found}`,
      ...(note === '' ? {} : { reason: note }),
      detail: { id, result: kind },
    })
  })
}

async function isTheirs(ctx: Context, tx: Tx, { service }: OfFeature, accountId: string | null): Promise<boolean> {
  if (ctx.actor.kind !== 'account') return ctx.actor.kind === 'key'
  if (ctx.actor.accountId === accountId) return true
  const roles = await rolesOf(tx, ctx.actor.accountId, service.id)
  return roles.some((role) => role === 'support' || role === 'service-manager')
}
