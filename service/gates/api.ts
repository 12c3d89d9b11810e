import { calendarDayOf, Refusal, type App, type Context } from '../platform/index.ts'
import {
  attachEvidence,
  giveVerdict,
  movePlaybook,
  planGate,
  setEvidenceAside,
  sign,
  waive,
  waiveCondition,
} from './actions.ts'
import { decideGate, moveWithoutGate } from './deciding.ts'
import { grounds, subjectOf, type Ground } from './ground.ts'
import { ofService, phaseNow, type Subject } from './subject.ts'
import { takeUploadForApi } from './attachment-routes.ts'
import { freezeEvidence, missingInWords, wordsOf } from './freeze.ts'
import type { CriterionView, GateView } from './gates.ts'
import { differences } from './playbook.ts'
import { decisionsOf, gatesContent, gateSummary, playbookOf, readGate } from './reads.ts'
import { isAgainstData } from './rules.ts'
import {
  dateBody,
  decisionBody,
  conditionWaiverBody,
  evidenceBody,
  moveBody,
  playbookBody,
  signOffBody,
  verdictForm,
  waiverBody,
} from './schemas.ts'

const tags = ['Gates']
const baseOf = ({ at }: Ground): string => `/api/v1${at}/gates`

export function gatesApi(app: App): void {
  for (const ground of grounds) {
    readsApi(app, ground)
    criterionApi(app, ground)
    decisionApi(app, ground)
    playbookApi(app, ground)
  }
  phaseApi(app)
}

function readsApi(app: App, ground: Ground): void {
  const { params } = ground
  const base = baseOf(ground)
  app.get(
    base,
    { schema: { summary: 'The gates of a service, and the next one', tags, params: params.subject } },
    async (request) => {
      const { context: ctx } = request
      const subject = await subjectOf(request)
      const playbook = await playbookOf(ctx.db, subject)
      const next = await gateSummary(ctx.db, ctx.clock.now(), subject)
      return {
        playbook: { id: playbook.id, name: playbook.name, version: playbook.version },
        phase: phaseNow(subject).id,
        gates: playbook.gates.map(({ id, name, from, to }) => ({ id, name, from, to })),
        next: next === null ? null : { ...next, differs: next.differs.map(({ criterion }) => criterion.id) },
        decisions: await decisionsOf(ctx.db, subject),
      }
    },
  )
  app.get(
    `${base}/:gate`,
    { schema: { summary: 'A gate, evaluated now', tags, params: params.gate } },
    async (request) => shown(await viewOf(request.context, await subjectOf(request), request.params.gate)),
  )
  app.get(
    `${base}/:gate/criteria/:criterion`,
    { schema: { summary: 'One criterion, with the history of its verdicts', tags, params: params.criterion } },
    async (request) => {
      const view = await viewOf(request.context, await subjectOf(request), request.params.gate)
      const found = view.criteria.find(({ criterion }) => criterion.id === request.params.criterion)
      if (found === undefined) throw new Refusal('not-found')
      return { ...criterionShown(found, view), history: found.history }
    },
  )
}

async function viewOf(ctx: Context, subject: Subject, gate: string): Promise<GateView> {
  const view = await readGate(ctx.db, ctx.clock.now(), subject, gate)
  if (view === null) throw new Refusal('not-found')
  return view
}

function shown(view: GateView) {
  const { gate, playbook, day, plannedFor, counts, againstData, missing, outcomes, signOffs, conditions } = view
  return {
    id: gate.id,
    name: gate.name,
    from: gate.from,
    to: gate.to,
    playbook,
    judgedOn: day,
    plannedFor,
    counts,
    againstData,
    missing: missing.map((item) => ({ ...item, words: missingInWords(item) })),
    outcomes,
    conditions: conditions.map(({ asked, holds, waiver, signal, reading }) => ({
      ...{ id: asked.id, says: asked.says, remedy: asked.remedy, blocks: asked.blocks === true, holds, waiver },
      measured: { says: wordsOf({ signal, reading }), unit: signal.unit, ...reading },
    })),
    signOffs: signOffs.map(({ asked, given, invalidBecause }) => ({
      ...asked,
      signedBy: given?.by ?? null,
      signedAt: given?.at ?? null,
      counts: given !== null && invalidBecause === null,
      invalidBecause,
    })),
    criteria: view.criteria.map((each) => criterionShown(each, view)),
  }
}

function criterionShown(each: CriterionView, { playbook }: GateView) {
  const { criterion, state, verdict, disagrees, disputed, confirmBecause, lacks, age, evidence, signalWaivers } = each
  const { id, number, group, title, ask, decides } = criterion
  return {
    id,
    number,
    group,
    title,
    ask,
    decides,
    state,
    verdict,
    disagrees,
    disputed,
    againstData: isAgainstData(each),
    confirmBecause,
    lacks,
    age,
    readings: freezeEvidence(each, playbook).readings,
    evidence,
    signalWaivers,
  }
}

function criterionApi(app: App, ground: Ground): void {
  const { params } = ground
  const base = baseOf(ground)
  const at = `${base}/:gate/criteria/:criterion`
  app.post(
    `${at}/verdict`,
    {
      schema: {
        summary: 'Give a verdict; what a key says is kept as evidence',
        tags,
        answers: [201],
        params: params.criterion,
        body: verdictForm,
      },
    },
    async (request, reply) => {
      const { context: ctx, params: where, body } = request
      const subject = await subjectOf(request)
      if (ctx.actor.kind === 'key') {
        const id = await attachEvidence(ctx, subject, {
          criterion: where.criterion,
          asked: null,
          title: `${ctx.actor.name}: ${body.verdict === 'met' ? 'met' : 'not met'}`,
          url: null,
          note: body.reason,
          dated: calendarDayOf(ctx.clock.now(), subject.service.timeZone),
          owner: ctx.actor.name,
          says: body.verdict,
        })
        return reply.code(201).send({ id, storedAs: 'evidence' })
      }
      const id = await giveVerdict(ctx, subject, {
        gate: where.gate,
        criterion: where.criterion,
        kind: body.verdict,
        reason: body.reason,
      })
      return reply.code(201).send({ id, storedAs: 'verdict' })
    },
  )
  app.post(
    `${at}/waiver`,
    {
      schema: {
        summary: 'Waive a criterion or its blocking signals until a day',
        tags,
        answers: [201],
        params: params.criterion,
        body: waiverBody,
      },
    },
    async (request, reply) => {
      const { gate, criterion } = request.params
      await waive(request.context, await subjectOf(request), { gate, criterion, ...request.body })
      return reply.code(201).send({ waived: request.body.targets, endsOn: request.body.endsOn })
    },
  )
  app.post(
    `${base}/:gate/condition-waivers`,
    {
      schema: {
        summary: 'Waive a condition of the gate itself, such as its soaking time, until a day',
        tags,
        answers: [201],
        params: params.gate,
        body: conditionWaiverBody,
      },
    },
    async (request, reply) => {
      const { gate } = request.params
      await waiveCondition(request.context, await subjectOf(request), { gate, ...request.body })
      return reply.code(201).send({ waived: [request.body.condition], endsOn: request.body.endsOn })
    },
  )
  app.delete(
    `${at}/evidence/:evidence`,
    { schema: { summary: 'Set evidence aside', tags, answers: [204], params: params.evidence } },
    async (request, reply) => {
      await setEvidenceAside(request.context, await subjectOf(request), request.params.evidence)
      return reply.code(204).send()
    },
  )
}

/** By JSON, or with a file: the same fields as multipart/form-data, and the file in the field `file`. */
export function evidenceApi(app: App): void {
  for (const ground of grounds) evidenceApiOn(app, ground)
}

function evidenceApiOn(app: App, ground: Ground): void {
  const { params } = ground
  const base = baseOf(ground)
  app.post(
    `${base}/:gate/criteria/:criterion/evidence`,
    {
      preValidation: takeUploadForApi,
      schema: {
        summary: 'Attach evidence: a link, a note or a file (multipart/form-data) with a day and an owner',
        tags,
        answers: [201],
        consumes: ['application/json', 'multipart/form-data'],
        params: params.criterion,
        body: evidenceBody,
      },
    },
    async (request, reply) => {
      const { criterion } = request.params
      const wanted = { ...request.body, criterion, says: null }
      const id = await attachEvidence(request.context, await subjectOf(request), wanted, request.attached ?? null)
      return reply.code(201).send({ id })
    },
  )
}

function decisionApi(app: App, ground: Ground): void {
  const { params } = ground
  const base = baseOf(ground)
  app.post(
    `${base}/:gate/sign-offs`,
    { schema: { summary: 'Sign', tags, answers: [201], params: params.gate, body: signOffBody } },
    async (request, reply) => {
      const { gate } = request.params
      await sign(request.context, await subjectOf(request), { gate, ...request.body })
      return reply.code(201).send({ signed: request.body.role })
    },
  )
  app.put(
    `${base}/:gate/date`,
    { schema: { summary: 'Set the gate’s date', answers: [200], tags, params: params.gate, body: dateBody } },
    async (request) => {
      await planGate(request.context, await subjectOf(request), { gate: request.params.gate, day: request.body.day })
      return { plannedFor: request.body.day }
    },
  )
  app.post(
    `${base}/:gate/decision`,
    {
      schema: {
        summary: 'Decide: go, go with actions, stay, repeat, back, stop',
        tags,
        answers: [201],
        params: params.gate,
        body: decisionBody,
      },
    },
    async (request, reply) => {
      const { outcome, reason, firstSharePercent } = request.body
      const firstShare = firstSharePercent === null ? null : Math.round(firstSharePercent * 1000)
      const { id, to } = await decideGate(request.context, await subjectOf(request), {
        gate: request.params.gate,
        outcome,
        reason,
        firstShare,
      })
      return reply.code(201).send({ id, outcome, phase: to })
    },
  )
}

function phaseApi(app: App): void {
  app.post(
    '/api/v1/services/:service/phase-move',
    {
      schema: {
        summary: 'Move the phase where no gate stands',
        answers: [200],
        tags,
        params: grounds[0].params.subject,
        body: moveBody,
      },
    },
    async (request) => {
      await moveWithoutGate(request.context, ofService(request.service), request.body)
      return { phase: request.body.to }
    },
  )
}

function playbookApi(app: App, { at, params }: Ground): void {
  const url = `/api/v1${at}/playbook`
  app.get(
    url,
    {
      schema: { summary: 'The playbook of a service, and what a newer version changes', tags, params: params.subject },
    },
    async (request) => {
      const playbook = await playbookOf(request.context.db, await subjectOf(request))
      const newest = gatesContent().playbooks.newest(playbook.id)
      return {
        playbook,
        newer:
          newest.version === playbook.version
            ? null
            : { version: newest.version, differences: differences(playbook, newest) },
      }
    },
  )
  app.put(
    url,
    {
      schema: {
        summary: 'Move to another version of the playbook',
        answers: [200],
        tags,
        params: params.subject,
        body: playbookBody,
      },
    },
    async (request) => {
      await movePlaybook(request.context, await subjectOf(request), request.body.version)
      return { version: request.body.version }
    },
  )
}
