import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { widgetFiles } from '../../packages/widget/index.ts'
import {
  readForm,
  Refusal,
  typedValues,
  type App,
  type Context,
  type Problem,
  originOf,
  type RateLimit,
} from '../platform/index.ts'
import { isProduct, phaseOf } from '../services/index.ts'
import type { FeedbackArm } from './feedback.ts'
import { idOfForm, receive, type Origin } from './intake.ts'
import { formPage, thanksPage, type Place } from './pages/form.ts'
import { formSchema, type SentAnswer } from './schemas.ts'

/** How people reach the form: through the gateway on the service's own host, or under the link door here. */
interface Door {
  prefix: string
  place(request: FastifyRequest): Place
  /** Who passes the answer on, and on whose behalf it is stored. */
  context(request: FastifyRequest): Context
  /** What is known of the person; nothing from a browser is believed. */
  origin(request: FastifyRequest): Omit<Origin, 'channel'>
  /** Tells people apart, for one and the same answer sent twice. */
  visitor(request: FastifyRequest): string
  /** Where an answer comes from, for the rate limit. */
  sender(request: FastifyRequest): string
}

export function feedbackEdge(app: App, limit: RateLimit): void {
  for (const door of [gatewayDoor, linkDoor]) doorRoutes(app, door, limit)
  app.get('/edge/:service/widget.css', { schema: { hide: true } }, async (_request, reply) => {
    const { url: file, type } = widgetFiles['widget.css']
    return reply
      .type(type)
      .header('cache-control', 'public, max-age=3600')
      .send(await readFile(file))
  })
}

const gatewayDoor: Door = {
  prefix: '/edge/:service',
  place(request) {
    const about = publicService(request)
    // The label is the new service's: somebody who comes from the current one is not told that it is a beta.
    const phaseLabel = header(request, 'x-phasegate-arm') === 'current' ? null : about.phaseLabel
    return { ...about, phaseLabel, base: '/.phasegate', assets: '/.phasegate', home: '/' }
  },
  context: ({ context }) => context,
  origin: (request) => ({
    arm: armOf(header(request, 'x-phasegate-arm')),
    unit: header(request, 'x-phasegate-unit'),
    transaction: header(request, 'x-phasegate-transaction'),
  }),
  visitor: (request) => header(request, 'x-phasegate-visitor') ?? '',
  sender: (request) => header(request, 'x-forwarded-for') ?? header(request, 'x-phasegate-visitor') ?? '',
}

const linkDoor: Door = {
  prefix: '/go/:service',
  place(request) {
    const base = `/go/${request.service.key}`
    return { ...publicService(request), base, assets: '', home: base }
  },
  context(request) {
    if (request.service.door !== 'link') throw new Refusal('not-found')
    return { ...request.context, actor: { kind: 'system', name: 'Link door' } }
  },
  origin: () => ({ arm: null, unit: null, transaction: null }),
  visitor: ({ ip }) => ip,
  sender: ({ ip }) => ip,
}

/** The form as a page, and what the widget sends as JSON. */
function doorRoutes(app: App, door: Door, limit: RateLimit): void {
  const url = `${door.prefix}/feedback`
  const hidden = { schema: { hide: true } }
  app.get(url, hidden, (request, reply) => {
    door.context(request)
    const { journey, ending } = request.query as Record<string, unknown>
    const values = { ...text({ journey, ending }), id: randomUUID(), shownAt: String(now(request)) }
    return reply.page(formPage({ place: door.place(request), values, problems: [] }))
  })
  app.get(`${url}/sent`, hidden, (request, reply) => {
    const { reference } = request.query as { reference?: unknown }
    const known = typeof reference === 'string' && /^[2-9A-Z]{4}-[2-9A-Z]{4}$/.test(reference) ? reference : null
    return reply.page(thanksPage({ place: door.place(request), reference: known }))
  })
  app.post(url, hidden, async (request, reply) => {
    const ctx = door.context(request)
    const place = door.place(request)
    const isJson = /^application\/json\b/.test(request.headers['content-type'] ?? '')
    const waitSeconds = limit.take(request.service.id, originOf(door.sender(request)))
    if (waitSeconds > 0) return tooMany(request, reply, place, waitSeconds, isJson)
    const form = readForm(formSchema, request.body)
    if (!form.ok) return refuse(request, reply, place, form.problems, isJson)
    const { reference } = await store(request, ctx, door, form.value, isJson)
    return isJson
      ? reply.send({ reference })
      : reply.redirect(`${place.base}/feedback/sent?reference=${reference}`, 303)
  })
}

function store(request: FastifyRequest, ctx: Context, door: Door, sent: SentAnswer, isJson: boolean) {
  const origin: Origin = { channel: isJson ? 'widget' : 'page', ...door.origin(request) }
  const shownAt = Number((request.body as { shownAt?: unknown }).shownAt)
  const tookMs = sent.tookMs ?? (Number.isFinite(shownAt) ? Math.max(0, now(request) - shownAt) : undefined)
  const id = sent.id ?? idOfForm(origin, sent, door.visitor(request), new Date(now(request)))
  return receive(ctx, request.service, { ...sent, id, tookMs }, origin)
}

function refuse(
  request: FastifyRequest,
  reply: FastifyReply,
  place: Place,
  problems: Problem[],
  isJson: boolean,
): unknown {
  if (isJson) {
    const title = 'The request is not in the expected form'
    return problem(reply, { title, status: 422, code: 'invalid-request', errors: problems, requestId: request.id })
  }
  const values = { id: randomUUID(), ...text(typedValues(request.body)) }
  return reply.code(422).page(formPage({ place, values, problems }))
}

/** Not lost: the words stay in the form, and the widget sends them again by itself. */
function tooMany(
  request: FastifyRequest,
  reply: FastifyReply,
  place: Place,
  waitSeconds: number,
  isJson: boolean,
): unknown {
  const title = 'Too many answers came in at once'
  reply.header('retry-after', String(waitSeconds)).code(429)
  if (isJson) return problem(reply, { title, status: 429, code: 'too-many-requests', requestId: request.id })
  const message = `${title}. Your answer is still here: send it again in ${waitSeconds} seconds.`
  const values = text(typedValues(request.body))
  return reply.page(formPage({ place, values, problems: [{ field: '', message }] }))
}

interface ProblemDocument {
  title: string
  status: number
  code: string
  errors?: Problem[]
  requestId: string
}

function problem(reply: FastifyReply, document: ProblemDocument): unknown {
  const body = JSON.stringify({ type: `urn:phasegate:${document.code}`, ...document })
  return reply.code(document.status).type('application/problem+json').send(body)
}

function publicService({ service }: FastifyRequest): Pick<Place, 'name' | 'phaseLabel' | 'isProduct' | 'example'> {
  const { name, example } = service
  return { name, phaseLabel: phaseOf(service).label, isProduct: isProduct(service), example }
}

function header(request: FastifyRequest, name: string): string | null {
  const value = request.headers[name]
  return typeof value === 'string' && value !== '' ? value.slice(0, 100) : null
}

function armOf(said: string | null): FeedbackArm | null {
  return said === 'new' || said === 'current' ? said : null
}

function text(values: Record<string, unknown>): Record<string, string> {
  const entries = Object.entries(values).filter(([, value]) => typeof value === 'string')
  return Object.fromEntries(entries.map(([name, value]) => [name, String(value).slice(0, 6000)]))
}

function now(request: FastifyRequest): number {
  return request.context.clock.now().getTime()
}
