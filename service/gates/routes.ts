import type { FastifyReply, FastifyRequest } from 'fastify'
import {
  calendarDayOf,
  dateWords,
  longDayWords,
  may,
  membersOf,
  readForm,
  Refusal,
  typedValues,
  type App,
  type Context,
  type Problem,
} from '../platform/index.ts'
import { html, link, type Content } from '../platform/html/index.ts'
import { servicePage } from '../services/index.ts'
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
import { evidenceApi, gatesApi } from './api.ts'
import { attachmentRoutes, takeUpload, withUploads } from './attachment-routes.ts'
import { decideGate, mayDecideAt, moveWithoutGate } from './deciding.ts'
import type { GateView } from './gates.ts'
import { grounds, subjectOf, type Ground } from './ground.ts'
import { criterionContent } from './pages/criterion.ts'
import { filters, type Filter } from './pages/gate-page.ts'
import { gateAside, gateContent, gateLede } from './pages/gate.ts'
import { playbookContent } from './pages/playbook.ts'
import { stateWords } from './pages/words.ts'
import { differences, subjectWords } from './playbook.ts'
import { decisionsOf, gatesContent, nextGate, ownRoles, playbookOf, readGate } from './reads.ts'
import { roleThatDecides } from './rules.ts'
import {
  conditionWaiverForm,
  dateForm,
  decisionForm,
  evidenceForm,
  moveForm,
  playbookForm,
  signOffForm,
  verdictForm,
  waiverForm,
} from './schemas.ts'
import { homeOf, ofService, phaseNow, sinceOf, type Subject } from './subject.ts'

const hide = { schema: { hide: true } }

interface Tried {
  problems: Problem[]
  values: Record<string, unknown>
}
const nothingTried: Tried = { problems: [], values: {} }

export async function gatesRoutes(app: App): Promise<void> {
  gatesApi(app)
  nextGateRoute(app)
  for (const ground of grounds) {
    gateRoutes(app, ground)
    conditionRoute(app, ground)
    criterionRoutes(app, ground)
    playbookRoute(app, ground)
  }
  attachmentRoutes(app)
  movesRoutes(app)
  await withUploads(app, (uploads) => {
    for (const ground of grounds) evidenceRoute(uploads, ground)
    evidenceApi(uploads)
  })
}

const home = async (request: FastifyRequest): Promise<string> => homeOf(await subjectOf(request))
const nameOf = ({ actor }: Context): string => (actor.kind === 'account' ? actor.name : 'this key')

/** A rule's refusal is shown where it was tried, with what was typed; anything else goes to the error page. */
function problemOf(error: unknown, field: string): Problem {
  if (error instanceof Refusal && error.status !== 404 && error.code !== 'confirm-again')
    return { field: error.code === 'day-ahead' ? 'dated' : field, message: `${error.title}. ${error.whatToDo}` }
  throw error
}

// The gate

function nextGateRoute(app: App): void {
  app.get('/services/:service/gate', hide, async (request, reply) => {
    const subject = ofService(request.service)
    const { gate } = await nextGate(request.context.db, subject)
    return gate === null
      ? reply.redirect(`${homeOf(subject)}/playbook`, 303)
      : showGate(request, reply, gate.id, nothingTried)
  })
}

function gateRoutes(app: App, { at, params }: Ground): void {
  app.get(`${at}/gates/:gate`, { schema: { hide: true, params: params.gate } }, async (request, reply) =>
    showGate(request, reply, request.params.gate, nothingTried),
  )
  app.post(`${at}/gates/:gate/decision`, { schema: { hide: true, params: params.gate } }, async (request, reply) => {
    const { gate } = request.params
    const read = readForm(decisionForm, request.body)
    if (!read.ok)
      return showGate(request, reply, gate, {
        problems: read.problems,
        values: (request.body ?? {}) as Tried['values'],
      })
    const { outcome, reason, share } = read.value
    try {
      await decideGate(request.context, await subjectOf(request), { gate, outcome, reason, firstShare: share })
    } catch (error) {
      return showGate(request, reply, gate, {
        problems: [problemOf(error, 'outcome')],
        values: typedValues(request.body),
      })
    }
    return reply.redirect(`${await home(request)}/gates/${gate}#decisions`, 303)
  })
  app.post(`${at}/gates/:gate/sign-offs`, { schema: { hide: true, params: params.gate } }, async (request, reply) => {
    const { gate } = request.params
    const read = readForm(signOffForm, request.body)
    if (!read.ok) return showGate(request, reply, gate, { problems: read.problems, values: typedValues(request.body) })
    const { role } = read.value
    const field = `note-${role}`
    const note = (typedValues(read.value)[field] ?? '').trim()
    if (note.length > 4000) {
      return showGate(request, reply, gate, {
        problems: [{ field, message: 'Use 4,000 characters or fewer' }],
        values: typedValues(request.body),
      })
    }
    try {
      await sign(request.context, await subjectOf(request), { gate, role, note })
    } catch (error) {
      return showGate(request, reply, gate, {
        problems: [problemOf(error, field)],
        values: typedValues(request.body),
      })
    }
    return reply.redirect(`${await home(request)}/gates/${gate}#sign-offs`, 303)
  })
  app.post(`${at}/gates/:gate/date`, { schema: { hide: true, params: params.gate } }, async (request, reply) => {
    const { gate } = request.params
    const read = readForm(dateForm, request.body)
    if (!read.ok) return showGate(request, reply, gate, { problems: read.problems, values: typedValues(request.body) })
    await planGate(request.context, await subjectOf(request), { gate, day: read.value.day })
    return reply.redirect(`${await home(request)}/gates/${gate}`, 303)
  })
}

/** GATE-19. */
function conditionRoute(app: App, { at, params }: Ground): void {
  app.post(
    `${at}/gates/:gate/condition-waivers`,
    { schema: { hide: true, params: params.gate } },
    async (request, reply) => {
      const { gate } = request.params
      const values = typedValues(request.body)
      const read = readForm(conditionWaiverForm, request.body)
      if (!read.ok) return showGate(request, reply, gate, { problems: read.problems, values })
      const { condition, why: reason, waivedBy: owner, endsOn } = read.value
      try {
        await waiveCondition(request.context, await subjectOf(request), { gate, condition, reason, owner, endsOn })
      } catch (error) {
        return showGate(request, reply, gate, { problems: [problemOf(error, 'endsOn')], values })
      }
      return reply.redirect(`${await home(request)}/gates/${gate}#before`, 303)
    },
  )
}

async function viewOf({ context: ctx }: FastifyRequest, subject: Subject, gate: string): Promise<GateView> {
  const view = await readGate(ctx.db, ctx.clock.now(), subject, gate)
  if (view === null) throw new Refusal('not-found')
  return view
}

function sectionOf({ kind }: Subject): 'gate' | 'features' {
  return kind === 'feature' ? 'features' : 'gate'
}

function eyebrowOf(subject: Subject, { gate }: GateView): Content {
  const name = gate.from === phaseNow(subject).id ? 'The next gate' : 'Gate'
  if (subject.kind === 'service') return name
  return html`${link(subject.feature.name, homeOf(subject))} · ${name}`
}

async function showGate(request: FastifyRequest, reply: FastifyReply, gateId: string, tried: Tried) {
  const { context: ctx, service } = request
  const subject = await subjectOf(request)
  const view = await viewOf(request, subject, gateId)
  const playbook = await playbookOf(ctx.db, subject)
  const newest = gatesContent().playbooks.newest(playbook.id)
  const asked = (request.query as { show?: string }).show
  const page = {
    view,
    home: homeOf(subject),
    timeZone: service.timeZone,
    filter: filters.find((name): name is Filter => name === asked) ?? 'all',
    roles: await ownRoles(ctx, subject),
    may: {
      decide: await mayDecideAt(ctx, subject, view),
      sign: view.gate.from === phaseNow(subject).id,
      waive: await may(ctx, 'gate.waive', service.id),
    },
    members: await membersOf(ctx.db, service.id),
    decisions: (await decisionsOf(ctx.db, subject)).filter(({ gate }) => gate === gateId),
    others: playbook.gates
      .filter(({ id }) => id !== gateId)
      .map(({ id, name }) => ({ name, href: `${homeOf(subject)}/gates/${id}` })),
    groups: playbook.groups,
    newerPlaybook: newest.version === playbook.version ? null : newest.version,
    name: nameOf(ctx),
    today: calendarDayOf(ctx.clock.now(), service.timeZone),
    ...tried,
  }
  const frame = {
    title: view.gate.name,
    active: sectionOf(subject),
    eyebrow: eyebrowOf(subject, view),
    lede: gateLede(view),
    aside: gateAside(page),
    problems: tried.problems,
  }
  if (tried.problems.length > 0) reply.code(422)
  return reply.page(await servicePage(request, frame, gateContent(page)))
}

// One criterion

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
function evidenceRoute(app: App, ground: Ground): void {
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

function criterionRoutes(app: App, ground: Ground): void {
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
    active: sectionOf(subject),
    eyebrow: link(gate.gate.name, `${at}/gates/${gateId}`),
    lede: `${view.criterion.ask} ${stateWords[view.state]}.`,
    problems: tried.problems,
  }
  if (tried.problems.length > 0) reply.code(422)
  return reply.page(await servicePage(request, frame, criterionContent(page)))
}

// The playbook, and moves where no gate stands

function playbookRoute(app: App, { at, params }: Ground): void {
  app.get(`${at}/playbook`, { schema: { hide: true, params: params.subject } }, async (request, reply) =>
    showPlaybook(request, reply, nothingTried),
  )
}

/** A feature's stage is moved back on its own page. */
function movesRoutes(app: App): void {
  app.post('/services/:service/playbook', hide, async (request, reply) => {
    const read = readForm(playbookForm, request.body)
    if (!read.ok) return showPlaybook(request, reply, { problems: read.problems, values: typedValues(request.body) })
    await movePlaybook(request.context, ofService(request.service), read.value.version)
    return reply.redirect(`${await home(request)}/playbook`, 303)
  })
  app.post('/services/:service/phase', hide, async (request, reply) => {
    const read = readForm(moveForm, request.body)
    if (!read.ok) return showPlaybook(request, reply, { problems: read.problems, values: typedValues(request.body) })
    try {
      await moveWithoutGate(request.context, ofService(request.service), read.value)
    } catch (error) {
      return showPlaybook(request, reply, { problems: [problemOf(error, 'to')], values: typedValues(request.body) })
    }
    return reply.redirect(`${await home(request)}/playbook`, 303)
  })
}

async function showPlaybook(request: FastifyRequest, reply: FastifyReply, tried: Tried) {
  const { context: ctx, service } = request
  const subject = await subjectOf(request)
  const playbook = await playbookOf(ctx.db, subject)
  const newest = gatesContent().playbooks.newest(playbook.id)
  const page = {
    playbook,
    home: homeOf(subject),
    subject: subject.kind,
    phase: phaseNow(subject).id,
    since: dateWords(sinceOf(subject), service.timeZone),
    mayDecide: subject.kind === 'service' && (await may(ctx, 'gate.decide', service.id)),
    next: newest.version === playbook.version ? null : { playbook: newest, differences: differences(playbook, newest) },
    ...tried,
  }
  const frame = {
    title: 'Playbook',
    ...(subject.kind === 'feature' ? { eyebrow: link(subject.feature.name, homeOf(subject)) } : {}),
    active: sectionOf(subject),
    lede: `${playbook.name} ${playbook.version}, in force since ${longDayWords(playbook.inForceSince)}: the ${subjectWords[subject.kind].phase}s, and what each gate asks.`,
    problems: tried.problems,
  }
  if (tried.problems.length > 0) reply.code(422)
  return reply.page(await servicePage(request, frame, playbookContent(page)))
}
