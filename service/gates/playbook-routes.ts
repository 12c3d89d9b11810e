import type { FastifyReply, FastifyRequest } from 'fastify'
import { dateWords, longDayWords, may, readForm, typedValues, type App } from '../platform/index.ts'
import { link } from '../platform/html/index.ts'
import { servicePage } from '../services/index.ts'
import { movePlaybook } from './actions.ts'
import { moveWithoutGate } from './deciding.ts'
import { subjectOf, type Ground } from './ground.ts'
import { playbookContent } from './pages/playbook.ts'
import { differences, subjectWords } from './playbook.ts'
import { gatesContent, playbookOf } from './reads.ts'
import { moveForm, playbookForm } from './schemas.ts'
import { featureName, homeOf, ofService, phaseNow, sinceOf } from './subject.ts'
import { hide, home, nothingTried, problemOf, sectionOf, type Tried } from './tried.ts'

export function playbookRoute(app: App, { at, params }: Ground): void {
  app.get(`${at}/playbook`, { schema: { hide: true, params: params.subject } }, async (request, reply) =>
    showPlaybook(request, reply, nothingTried),
  )
}

/** A feature's stage is moved back on its own page. */
export function movesRoutes(app: App): void {
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
    about: featureName(subject),
    ...(subject.kind === 'feature' ? { eyebrow: link(subject.feature.name, homeOf(subject)) } : {}),
    active: sectionOf(subject),
    lede: `${playbook.name} ${playbook.version}, in force since ${longDayWords(playbook.inForceSince)}: the ${subjectWords[subject.kind].phase}s, and what each gate asks.`,
    problems: tried.problems,
  }
  if (tried.problems.length > 0) reply.code(422)
  return reply.page(await servicePage(request, frame, playbookContent(page)))
}
