import type { FastifyReply, FastifyRequest } from 'fastify'
import { calendarDayOf, may, membersOf, readForm, typedValues, type App } from '../platform/index.ts'
import { html, link, type Content } from '../platform/html/index.ts'
import { servicePage } from '../services/index.ts'
import { planGate, sign, waiveCondition } from './actions.ts'
import { evidenceApi, gatesApi } from './api.ts'
import { attachmentRoutes, withUploads } from './attachment-routes.ts'
import { decideGate, mayDecideAt } from './deciding.ts'
import type { GateView } from './gates.ts'
import { grounds, subjectOf, type Ground } from './ground.ts'
import { filters, type Filter } from './pages/gate-page.ts'
import { gateAside, gateContent, gateLede } from './pages/gate.ts'
import { decisionsOf, gatesContent, nextGate, ownRoles, playbookOf } from './reads.ts'
import { conditionWaiverForm, dateForm, decisionForm, signOffForm } from './schemas.ts'
import { criterionRoutes, evidenceRoute } from './criterion-routes.ts'
import { movesRoutes, playbookRoute } from './playbook-routes.ts'
import { hide, home, nameOf, nothingTried, problemOf, sectionOf, viewOf, type Tried } from './tried.ts'
import { featureName, homeOf, ofService, phaseNow, type Subject } from './subject.ts'

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
    about: featureName(subject),
    active: sectionOf(subject),
    eyebrow: eyebrowOf(subject, view),
    lede: gateLede(view),
    aside: gateAside(page),
    problems: tried.problems,
  }
  if (tried.problems.length > 0) reply.code(422)
  return reply.page(await servicePage(request, frame, gateContent(page)))
}
