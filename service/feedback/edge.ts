import { readFile } from 'node:fs/promises'
import { randomUUID } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { widgetFiles } from '../../packages/widget/index.ts'
import { readForm, typedValues, type App, type Problem } from '../platform/index.ts'
import { phaseOf } from '../services/index.ts'
import type { FeedbackArm } from './feedback.ts'
import { idOfForm, receive, type Origin } from './intake.ts'
import { formPage, thanksPage, type PublicService } from './pages/form.ts'
import type { RateLimit } from './rate-limit.ts'
import { networkOf } from './rate-limit.ts'
import { formSchema, type SentAnswer } from './schemas.ts'

const base = '/.phasegate'
const url = '/edge/:service/feedback'

/** What the gateway forwards from the service's own host: the form as a page, and the widget's JSON. */
export function feedbackEdge(app: App, limit: RateLimit): void {
  app.get(url, (request, reply) => {
    const { journey, ending } = request.query as Record<string, unknown>
    const values = { ...text({ journey, ending }), id: randomUUID(), shownAt: String(now(request)) }
    return reply.page(formPage({ service: publicService(request), base, values, problems: [] }))
  })
  app.get(`${url}/sent`, (request, reply) => {
    const { reference } = request.query as { reference?: unknown }
    const known = typeof reference === 'string' && /^[2-9A-Z]{4}-[2-9A-Z]{4}$/.test(reference) ? reference : null
    return reply.page(thanksPage({ service: publicService(request), base, reference: known }))
  })
  app.post(url, async (request, reply) => {
    const isJson = /^application\/json\b/.test(request.headers['content-type'] ?? '')
    const waitSeconds = limit.take(request.service.id, networkOf(senderOf(request)))
    if (waitSeconds > 0) return tooMany(request, reply, waitSeconds, isJson)
    const form = readForm(formSchema, request.body)
    if (!form.ok) return refuse(request, reply, form.problems, isJson)
    const { reference } = await store(request, form.value, isJson)
    return isJson ? reply.send({ reference }) : reply.redirect(`${base}/feedback/sent?reference=${reference}`, 303)
  })
  app.get('/edge/:service/widget.css', async (_request, reply) => {
    const { url: file, type } = widgetFiles['widget.css']
    return reply
      .type(type)
      .header('cache-control', 'public, max-age=3600')
      .send(await readFile(file))
  })
}

function store(request: FastifyRequest, sent: SentAnswer, isJson: boolean) {
  const origin: Origin = {
    channel: isJson ? 'widget' : 'page',
    arm: armOf(header(request, 'x-phasegate-arm')),
    unit: header(request, 'x-phasegate-unit'),
    transaction: header(request, 'x-phasegate-transaction'),
  }
  const shownAt = Number((request.body as { shownAt?: unknown }).shownAt)
  const tookMs = sent.tookMs ?? (Number.isFinite(shownAt) ? Math.max(0, now(request) - shownAt) : undefined)
  const visitor = header(request, 'x-phasegate-visitor') ?? ''
  const id = sent.id ?? idOfForm(origin, sent, visitor, new Date(now(request)))
  return receive(request.context, request.service, { ...sent, id, tookMs }, origin)
}

function refuse(request: FastifyRequest, reply: FastifyReply, problems: Problem[], isJson: boolean): unknown {
  if (isJson) {
    const title = 'The request is not in the expected form'
    return problem(reply, { title, status: 422, code: 'invalid-request', errors: problems, requestId: request.id })
  }
  const values = { id: randomUUID(), ...text(typedValues(request.body)) }
  return reply.code(422).page(formPage({ service: publicService(request), base, values, problems }))
}

/** Not lost: the words stay in the form, and the widget sends them again by itself. */
function tooMany(request: FastifyRequest, reply: FastifyReply, waitSeconds: number, isJson: boolean): unknown {
  const title = 'Too many answers came in at once'
  reply.header('retry-after', String(waitSeconds)).code(429)
  if (isJson) return problem(reply, { title, status: 429, code: 'too-many-requests', requestId: request.id })
  const problems = [
    { field: '', message: `${title}. Your answer is still here: send it again in ${waitSeconds} seconds.` },
  ]
  return reply.page(
    formPage({ service: publicService(request), base, values: text(typedValues(request.body)), problems }),
  )
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

function publicService({ service }: FastifyRequest): PublicService {
  return { name: service.name, phaseLabel: phaseOf(service).label, example: service.example }
}

function senderOf(request: FastifyRequest): string {
  return (
    header(request, 'x-forwarded-for')?.split(',').at(-1)?.trim() ??
    header(request, 'x-phasegate-visitor') ??
    request.ip
  )
}

function header(request: FastifyRequest, name: string): string | null {
  const value = request.headers[name]
  return typeof value === 'string' && value !== '' ? value.slice(0, 100) : null
}

function armOf(text: string | null): FeedbackArm | null {
  return text === 'new' || text === 'current' ? text : null
}

function text(values: Record<string, unknown>): Record<string, string> {
  const entries = Object.entries(values).filter(([, value]) => typeof value === 'string')
  return Object.fromEntries(entries.map(([name, value]) => [name, String(value).slice(0, 6000)]))
}

function now(request: FastifyRequest): number {
  return request.context.clock.now().getTime()
}
