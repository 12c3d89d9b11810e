import type { FastifyReply, FastifyRequest } from 'fastify'
import {
  afterAdmission,
  bucket,
  isAsked,
  newUnit,
  route,
  visitAttributes,
  type Attributes,
  type Routing,
} from '../../packages/admission/src/index.ts'
import { change, typedValues, type App } from '../platform/index.ts'
import { leave } from './acceptance.ts'
import { admit } from './gateway-api.ts'
import type { Links } from './links.ts'
import { choicePage, holdingPage } from './pages/public.ts'
import { dropLinkPass, linkChoice, linkDoor, linkPass, setLinkChoice, setLinkPass } from './public-door.ts'
import { publicView } from './public-page.ts'
import type { Snapshots } from './snapshots.ts'
import { insertReported, putChoice } from './store.ts'

const schema = { schema: { hide: true } }

/** ADM-24: `/go/<service>` decides as a gateway does, remembers by cookies of its own path, and sends the browser on. */
export function linkDoorRoutes(app: App, snapshots: Snapshots, links: Links): void {
  const door = linkDoor(snapshots)
  const viewOf = (request: FastifyRequest) => publicView(request, door)

  app.get('/go/:service', schema, async (request, reply) => {
    const { service } = request
    reply.header('cache-control', 'private, no-store').header('x-robots-tag', 'noindex')
    if (service.door === 'gateway' && !links.home(service).endsWith(`/go/${service.key}`))
      return reply.redirect(links.home(service), 302)
    const routing = await routeVisit(request, snapshots)
    await keep(request, reply, snapshots, routing)
    if (routing.arm === 'new') return reply.redirect(service.newUrl, 302)
    if (service.currentUrl !== null) return reply.redirect(service.currentUrl, 302)
    return reply
      .code(503)
      .header('retry-after', '86400')
      .page(holdingPage({ ...viewOf(request), hasCurrent: false }))
  })

  app.get('/go/:service/choice', schema, (request, reply) => {
    const compiled = snapshots.compiled().services.get(request.service.key)
    const mayJoin = compiled !== undefined && compiled.halt === null && compiled.joinOpen && compiled.counts.join
    return reply.page(choicePage(viewOf(request), mayJoin || linkPass(request, snapshots)?.arm === 'new'))
  })

  app.post('/go/:service/choice', schema, async (request, reply) => {
    const { context: ctx, service } = request
    const choice = typedValues(request.body).arm === 'current' ? 'current' : 'new'
    const pass = linkPass(request, snapshots)
    if (pass !== null) {
      await change(ctx, { service: service.id, topic: 'admission' }, (tx) =>
        putChoice(tx, service.id, { unit: pass.unit, value: choice, at: ctx.clock.now() }),
      )
    }
    setLinkChoice(request, reply, choice)
    return reply.redirect(`/go/${service.key}`, 303)
  })

  app.post('/go/:service/leave', schema, async (request, reply) => {
    const pass = linkPass(request, snapshots)
    if (pass !== null) await leave(request.context, request.service, pass.unit)
    dropLinkPass(request, reply)
    setLinkChoice(request, reply, 'current')
    return reply.redirect(`/go/${request.service.key}`, 303)
  })
}

async function routeVisit(request: FastifyRequest, snapshots: Snapshots): Promise<Routing> {
  const { context: ctx, service } = request
  const attributes = attributesOf(request)
  const visit = { pass: linkPass(request, snapshots), choice: linkChoice(request), newUnit, mayDraw: true, attributes }
  const routing = route(snapshots.compiled(), service.key, visit, ctx.clock.now())
  const compiled = snapshots.compiled().services.get(service.key)
  const { unit, rung } = routing
  if (!routing.needsAdmission || compiled === undefined || unit === null || !isAsked(rung)) return routing
  return afterAdmission(routing, (await admit(ctx, compiled, { unit, rung, attributes })).admitted)
}

/** ADM-53: what this door itself knows, as a gateway does. */
function attributesOf({ ip, url, headers }: FastifyRequest): Attributes {
  const { 'user-agent': agent = '', 'accept-language': languages = '' } = headers
  return visitAttributes({ address: ip, path: url.replace(/[?].*$/s, ''), agent, languages })
}

/** The pass cookie, and the ledger for those whom the share let in without asking. */
async function keep(
  request: FastifyRequest,
  reply: FastifyReply,
  snapshots: Snapshots,
  { pass }: Routing,
): Promise<void> {
  const { context: ctx, service } = request
  if (pass === 'keep') return
  if (pass === 'drop') return dropLinkPass(request, reply)
  const held = linkPass(request, snapshots)
  if (pass === 'renew') {
    if (held !== null) setLinkPass(request, reply, snapshots, held)
    return
  }
  setLinkPass(request, reply, snapshots, pass)
  const { arm, rung, unit } = pass
  if (arm !== 'new' || !isAsked(rung)) return
  const salt = snapshots.compiled().services.get(service.key)?.salt ?? ''
  const admitted = { unit, rung, at: ctx.clock.now(), bucket: bucket(salt, unit) }
  await change(ctx, { service: service.id, topic: 'admission' }, (tx) =>
    insertReported(tx, service.id, 'Link door', [admitted]),
  )
}
