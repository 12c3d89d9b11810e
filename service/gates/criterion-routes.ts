import type { FastifyReply, FastifyRequest } from 'fastify'
import { calendarDayOf, may, readForm, Refusal, type App, type Problem } from '../platform/index.ts'
import { link } from '../platform/html/index.ts'
import { servicePage } from '../services/index.ts'
import { attachEvidence, giveVerdict, setEvidenceAside, waive } from './actions.ts'
import { takeUpload } from './attachment-routes.ts'
import { subjectOf, type Ground } from './ground.ts'
import { criterionContent } from './pages/criterion.ts'
import { stateWords } from './pages/words.ts'
import { ownRoles, playbookOf } from './reads.ts'
import { roleThatDecides } from './rules.ts'
import { evidenceForm, verdictForm, waiverForm } from './schemas.ts'
import { featureName, homeOf } from './subject.ts'
import { home, nameOf, nothingTried, problemOf, sectionOf, viewOf, type Tried } from './tried.ts'

const urlOn = ({ at }: Ground): string => `${at}/gates/:gate/criteria/:criterion`
type AtCriterion = FastifyRequest<{ Params: { gate: string; criterion: string } }>

async function attempt(
  request: AtCriterion,
  reply: FastifyReply,
  field: string,
  anchor: string,
  work: () => Promise<unknown>,
) {
  try {
    await work()
  } catch (error) {
    return showCriterion(request, reply, {
      problems: [problemOf(error, field)],
      values: request.body as Tried['values'],
    })
  }
  const { gate, criterion } = request.params
  return reply.redirect(`${await home(request)}/gates/${gate}/criteria/${criterion}${anchor}`, 303)
}

function again(request: AtCriterion, reply: FastifyReply, problems: Problem[]) {
  return showCriterion(request, reply, { problems, values: (request.body ?? {}) as Tried['values'] })
}

/** A form with a file, or without one. A file has to be chosen anew when something else was wrong. */
export function evidenceRoute(app: App, ground: Ground): void {
  const { params } = ground
  const url = urlOn(ground)
  const schema = { hide: true, params: params.criterion }
  app.post(`${url}/evidence`, { schema, preValidation: takeUpload }, async (request, reply) => {
    const file = request.attached ?? null
    const read = readForm(evidenceForm, request.body)
    if (!read.ok) {
      const chooseAgain = { field: 'file', message: 'Choose the file again' }
      return again(request, reply, file === null ? read.problems : [...read.problems, chooseAgain])
    }
    const wanted = { ...read.value, criterion: request.params.criterion, says: null }
    const field = file === null ? 'title' : 'file'
    return attempt(request, reply, field, '#evidence', async () =>
      attachEvidence(request.context, await subjectOf(request), wanted, file),
    )
  })
}

export function criterionRoutes(app: App, ground: Ground): void {
  const { params } = ground
  const url = urlOn(ground)
  const schema = { hide: true, params: params.criterion }
  app.get(url, { schema }, async (request, reply) => showCriterion(request, reply, nothingTried))

  app.post(`${url}/verdict`, { schema }, async (request, reply) => {
    const read = readForm(verdictForm, request.body)
    if (!read.ok) return again(request, reply, read.problems)
    const { verdict: kind, reason } = read.value
    const { gate, criterion } = request.params
    return attempt(request, reply, 'verdict', '#say', async () =>
      giveVerdict(request.context, await subjectOf(request), { gate, criterion, kind, reason }),
    )
  })
  app.post(`${url}/waiver`, { schema }, async (request, reply) => {
    const read = readForm(waiverForm, request.body)
    if (!read.ok) return again(request, reply, read.problems)
    const { signals: targets, why: reason, waivedBy: owner, endsOn } = read.value
    const { gate, criterion } = request.params
    const wanted = { gate, criterion, reason, owner, endsOn, targets }
    return attempt(request, reply, 'endsOn', '#say', async () =>
      waive(request.context, await subjectOf(request), wanted),
    )
  })
  app.post(
    `${url}/evidence/:evidence/aside`,
    { schema: { hide: true, params: params.evidence } },
    async (request, reply) => {
      await setEvidenceAside(request.context, await subjectOf(request), request.params.evidence)
      const { gate, criterion } = request.params
      return reply.redirect(`${await home(request)}/gates/${gate}/criteria/${criterion}#evidence`, 303)
    },
  )
}

async function showCriterion(request: FastifyRequest, reply: FastifyReply, tried: Tried) {
  const { context: ctx, service } = request
  const { gate: gateId, criterion: id } = request.params as { gate: string; criterion: string }
  const subject = await subjectOf(request)
  const gate = await viewOf(request, subject, gateId)
  const view = gate.criteria.find(({ criterion }) => criterion.id === id)
  if (view === undefined) throw new Refusal('not-found')
  const roles = await ownRoles(ctx, subject)
  const at = homeOf(subject)
  const { gates } = await playbookOf(ctx.db, subject)
  const page = {
    others: gates
      .filter((each) => each.id !== gateId && view.criterion.gates.includes(each.id))
      .map((each) => ({ name: each.name, href: `${at}/gates/${each.id}/criteria/${id}` })),
    gate,
    view,
    home: at,
    timeZone: service.timeZone,
    today: calendarDayOf(ctx.clock.now(), service.timeZone),
    name: nameOf(ctx),
    mostMegabytes: ctx.config.attachmentBytes / 1_048_576,
    may: {
      verdict: (await may(ctx, 'gate.verdict', service.id)) && roleThatDecides(view.criterion, roles) !== null,
      waive: await may(ctx, 'gate.waive', service.id),
      evidence: await may(ctx, 'gate.evidence', service.id),
    },
    ...tried,
  }
  const frame = {
    title: view.criterion.title,
    about: featureName(subject),
    active: sectionOf(subject),
    eyebrow: link(gate.gate.name, `${at}/gates/${gateId}`),
    lede: `${view.criterion.ask} ${stateWords[view.state]}.`,
    problems: tried.problems,
  }
  if (tried.problems.length > 0) reply.code(422)
  return reply.page(await servicePage(request, frame, criterionContent(page)))
}
