import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { besideField, readForm, typedValues, type App, type Context, type Problem } from '../platform/index.ts'
import type { Html } from '../platform/html/index.ts'
import type { Service } from '../services/index.ts'

const params = z.object({ service: z.string().max(60) })
export const tags = ['Operations']
export const ofService = { schema: { hide: true, params } }

/** What a team does on a page of operations: page and API send the same to the same place. */
export interface OperationsAct {
  /** Below the service. */
  path: string
  /** The name in the path of the thing that it is done to. */
  of: string | null
  summary: string
  body: z.ZodType
  /** Beside which field a refusal stands. */
  field: string
  /** Where on the page it is found afterwards. */
  anchor: string
  work(ctx: Context, service: Service, body: unknown, id: string): Promise<string | void>
}

export function operationsAct<S extends z.ZodType>(
  path: string,
  rest: Omit<OperationsAct, 'path' | 'of' | 'body' | 'work'> & {
    body: S
    work(ctx: Context, service: Service, body: z.output<S>, id: string): Promise<string | void>
  },
): OperationsAct {
  const of = /:(\w+)/.exec(path)?.[1] ?? null
  return { ...rest, path, of, work: (ctx, service, sent, id) => rest.work(ctx, service, rest.body.parse(sent), id) }
}

/** What was typed into one of the forms of a page, and what is to be put right. */
export interface Tried {
  problems: Problem[]
  values: Record<string, string>
  /** What the form was about: several of the same form stand on a page. */
  of: string
}

export const nothingTried: Tried = { problems: [], values: {}, of: '' }

export interface ActPage {
  /** Its address below the service. */
  path: string
  show(request: FastifyRequest, tried: Tried): Promise<Html>
}

export function actRoutes(app: App, page: ActPage, acts: readonly OperationsAct[]): void {
  const at = '/services/:service'
  app.get(`${at}/${page.path}`, ofService, (request, reply) => reply.page(page.show(request, nothingTried)))
  for (const act of acts) {
    const ofOne = act.of === null ? params : params.extend({ [act.of]: z.uuid() })
    const idOf = (given: unknown): string =>
      z.record(z.string().max(60), z.string().max(60)).parse(given)[act.of ?? ''] ?? ''
    app.post(`${at}/${act.path}`, { schema: { hide: true, params: ofOne } }, async (request, reply) => {
      const of = idOf(request.params)
      const read = readForm(act.body, request.body)
      const again = (problems: Problem[]) =>
        reply.code(422).page(page.show(request, { problems, values: typedValues(request.body), of }))
      if (!read.ok) return again(read.problems)
      try {
        await act.work(request.context, request.service, read.value, of)
      } catch (error) {
        return again([besideField(error, act.field)])
      }
      return reply.redirect(`/services/${request.service.key}/${page.path}#${act.anchor}`, 303)
    })
    const { summary, body } = act
    app.post(
      `/api/v1${at}/${act.path}`,
      { schema: { summary, tags, answers: [201], params: ofOne, body } },
      async (request, reply) => {
        const id = await act.work(request.context, request.service, request.body, idOf(request.params))
        return reply.code(201).send(id === undefined ? { done: true } : { id })
      },
    )
  }
}
