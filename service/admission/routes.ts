import { Readable } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { hasMailPage, may, must, readForm, typedValues, type App, type Problem } from '../platform/index.ts'
import type { Html } from '../platform/html/index.ts'
import { servicePage } from '../services/index.ts'
import { besideUnlessHalted } from './beside.ts'
import { addPreviewLink, endPreviewLink, enterAsStaff } from './team-ways.ts'
import { invite, resend, revoke, type InvitationResult } from './invitations/inviting.ts'
import { invitationsCsv } from './invitations/csv.ts'
import { remove, signDevicesOut } from './persons.ts'
import { setCap, setJoining, setShare } from './opening.ts'
import { halt, resume } from './halting.ts'
import { setDayLimit } from './day-limit.ts'
import type { Erasure } from './erasing.ts'
import type { Links } from './links.ts'
import { doorContent, doorLede } from './pages/door-page.ts'
import type { ErasureView } from './pages/erasure-part.ts'
import * as schemas from './schemas.ts'
import type { Snapshots } from './snapshots.ts'
import { addressHidden, explainPerson, isAddressHidden, readDoorView } from './team-view.ts'

interface Extras {
  problems?: Problem[]
  values?: Record<string, string>
  results?: InvitationResult[]
  previewLink?: string
  who?: string
  erasure?: ErasureView
  all?: boolean
}

const schema = { schema: { hide: true } }
const withId = { schema: { hide: true, params: z.object({ service: z.string().max(60), id: z.uuid() }) } }

export interface TeamRoutes {
  /** The page again, with what was wrong in a form of it. */
  page(request: FastifyRequest, extras: Pick<Extras, 'problems' | 'values'>): Promise<Html>
}

export function teamRoutes(app: App, snapshots: Snapshots, links: Links, erasure: Erasure): TeamRoutes {
  const at = '/services/:service/admission'
  const page = (request: FastifyRequest, extras: Extras = {}) => doorPage(request, snapshots, extras)
  const done = (request: FastifyRequest, reply: FastifyReply, anchor = '') =>
    reply.redirect(`/services/${request.service.key}/admission${anchor}`, 303)

  /** A form that asks one thing: problems and refusals come back beside its field, with what was typed. */
  function formRoute<S extends z.ZodType>(
    path: string,
    form: { schema: S; field: string; anchor: string },
    work: (request: FastifyRequest, value: z.output<S>) => Promise<unknown>,
  ): void {
    app.post(`${at}/${path}`, schema, async (request, reply) => {
      const values = typedValues(request.body)
      const read = readForm(form.schema, request.body)
      if (!read.ok) return reply.code(422).page(page(request, { problems: read.problems, values }))
      try {
        const extras = await work(request, read.value)
        if (isExtras(extras)) return await reply.page(page(request, extras))
        return done(request, reply, form.anchor)
      } catch (error) {
        return reply.code(422).page(page(request, { problems: [besideUnlessHalted(error, form.field)], values }))
      }
    })
  }

  app.get(
    at,
    {
      schema: {
        hide: true,
        querystring: z.object({ who: z.string().trim().max(256).optional(), invitations: z.literal('all').optional() }),
      },
    },
    (request, reply) => {
      const { who, invitations } = request.query
      const all = invitations === 'all'
      return reply.page(page(request, who === undefined || who === '' ? { all } : { who, all }))
    },
  )
  formRoute('invitations', { schema: schemas.inviteForm, field: 'addresses', anchor: '' }, async (request, value) => ({
    results: await invite(request.context, links, request.service, value),
  }))
  app.get(`${at}/invitations.csv`, schema, async (request, reply) => {
    await must(request.context, 'admission.people', request.service.id)
    return reply
      .header('content-type', 'text/csv; charset=utf-8')
      .header('content-disposition', `attachment; filename="${request.service.key}-invitations.csv"`)
      .send(Readable.from(invitationsCsv(request.context, request.service)))
  })
  formRoute('share', { schema: schemas.shareForm, field: 'share', anchor: '#share' }, (request, value) =>
    setShare(request.context, request.service, value),
  )
  formRoute('cap', { schema: schemas.capForm, field: 'cap', anchor: '#places' }, (request, value) =>
    setCap(request.context, request.service, value),
  )
  formRoute('day', { schema: schemas.dayForm, field: 'most', anchor: '#places' }, (request, value) =>
    setDayLimit(request.context, request.service, value),
  )
  formRoute('joining', { schema: schemas.joiningForm, field: 'open', anchor: '#share' }, (request, value) =>
    setJoining(request.context, request.service, value),
  )
  formRoute(
    'removals',
    { schema: schemas.removalForm, field: 'person', anchor: '#why' },
    (request, { person, removalReason }) =>
      remove(request.context, request.service, { who: person, reason: removalReason }),
  )
  formRoute('devices', { schema: schemas.personForm, field: 'person', anchor: '#why' }, (request, { person }) =>
    signDevicesOut(request.context, request.service, person),
  )
  formRoute(
    'erasures',
    { schema: schemas.erasureForm, field: 'erased', anchor: '#why' },
    async ({ context, service }, { erased, sure }) => ({
      erasure: {
        address: erased,
        isDone: sure === 'yes',
        report: await (sure === 'yes' ? erasure.erase : erasure.report)(context, service, erased),
      },
    }),
  )
  formRoute(
    'previews',
    { schema: schemas.previewForm, field: 'name', anchor: '#previews' },
    async (request, value) => ({
      previewLink: (await addPreviewLink(request.context, links, request.service, value)).link,
    }),
  )

  app.post(`${at}/previews/:id/end`, withId, async (request, reply) => {
    await endPreviewLink(request.context, request.service, request.params.id)
    return done(request, reply, '#previews')
  })
  app.post(`${at}/invitations/:id/resend`, withId, async (request, reply) => {
    await resend(request.context, links, request.service, request.params.id)
    return done(request, reply, '#invitations')
  })
  app.post(`${at}/invitations/:id/revoke`, withId, async (request, reply) => {
    await revoke(request.context, request.service, request.params.id)
    return done(request, reply, '#invitations')
  })
  app.post(`${at}/enter`, schema, async (request, reply) =>
    reply.redirect(await enterAsStaff(request.context, links, request.service), 303),
  )

  haltRoutes(app, snapshots)
  return { page }
}

function isExtras(value: unknown): value is Extras {
  return typeof value === 'object' && value !== null
}

/** From the panel that every team page of the service shows. Back to where one was. */
function haltRoutes(app: App, snapshots: Snapshots): void {
  app.post('/services/:service/halt', schema, async (request, reply) => {
    const form = readForm(schemas.haltForm, request.body)
    await halt(request.context, snapshots, request.service.id, form.ok ? form.value.reason : '')
    return reply.redirect(back(request), 303)
  })
  app.post('/services/:service/resume', schema, async (request, reply) => {
    const form = readForm(schemas.haltForm, request.body)
    await resume(request.context, snapshots, request.service.id, form.ok ? form.value.reason : '')
    return reply.redirect(back(request), 303)
  })
}

function back(request: FastifyRequest): string {
  const home = `/services/${request.service.key}`
  const { referer } = request.headers
  if (referer === undefined || !URL.canParse(referer)) return home
  // Whoever had to confirm comes from an address that only takes forms.
  const page = request.server.pageAt(new URL(referer).pathname)
  return page === home || page.startsWith(`${home}/`) ? page : home
}

async function doorPage(request: FastifyRequest, snapshots: Snapshots, extras: Extras) {
  const { context: ctx, service } = request
  const { who } = extras
  const maySeePeople = await may(ctx, 'admission.people', service.id)
  const isForbidden = who !== undefined && isAddressHidden(who, maySeePeople)
  const [view, person, mayInvite, mayShare, mayEnter] = await Promise.all([
    readDoorView(ctx, snapshots, service, extras.all === true ? 'all' : 'first'),
    who === undefined || isForbidden ? null : explainPerson(ctx, snapshots, service, who),
    may(ctx, 'admission.invite', service.id),
    may(ctx, 'admission.share', service.id),
    may(ctx, 'service.walk', service.id),
  ])
  const problems = isForbidden ? [addressHidden] : (extras.problems ?? [])
  const content = doorContent({
    service,
    view,
    person,
    rights: { mayInvite, mayShare, maySeePeople, mayEnter: mayEnter && ctx.actor.kind === 'account' },
    problems,
    values: { ...(isForbidden ? { who } : {}), ...extras.values },
    results: extras.results ?? null,
    previewLink: extras.previewLink ?? null,
    erasure: extras.erasure ?? null,
    hasMailPage: hasMailPage(ctx),
  })
  return servicePage(
    request,
    { title: 'Who gets in', active: 'admission', lede: doorLede(service, view), problems },
    content,
  )
}
