import type { FastifySchema } from 'fastify'
import { jsonSchemaTransform } from 'fastify-type-provider-zod'
import { refusalCodes, refusalsOf } from '../refusal.ts'
import type { Needs, RouteTable } from './route-table.ts'

declare module 'fastify' {
  interface FastifySchema {
    /** The statuses of success. A GET that says nothing answers 200; everything else has to say. */
    answers?: readonly number[]
  }
}

export function openApi(version: string) {
  return {
    openapi: '3.1.0',
    info: {
      title: 'Phasegate',
      version,
      description: 'Everything the pages can do. Errors are problem documents (RFC 9457).',
    },
    components: {
      securitySchemes: { key: { type: 'http' as const, scheme: 'bearer' } },
      schemas: { Problem: problem() },
    },
    security: [{ key: [] }],
  }
}

const text = { type: 'string' as const }
function problem() {
  return {
    type: 'object' as const,
    description: 'What went wrong, and what to do (RFC 9457).',
    required: ['type', 'title', 'status', 'code', 'requestId'],
    properties: {
      type: text,
      title: text,
      status: { type: 'integer' as const },
      code: { ...text, enum: [...refusalCodes(), 'unexpected'] },
      detail: text,
      requestId: text,
      errors: {
        type: 'array' as const,
        items: { type: 'object' as const, properties: { field: text, message: text } },
      },
    },
  }
}

/** What validates describes; what it can be refused with comes from the list of refusals. */
export function describeWith(table: RouteTable): typeof jsonSchemaTransform {
  return (input) => {
    const { answers, ...schema }: FastifySchema = input.schema ?? {}
    const described = jsonSchemaTransform({ ...input, schema })
    if (schema.hide === true) return described
    const method = [input.route.method].flat()[0] ?? 'GET'
    const needs = table.needs(method, input.url)
    const own = (described.schema as { response?: object }).response
    if (answers === undefined && method !== 'GET')
      throw new Error(`${method} ${input.url} does not say what it answers`)
    const response = {
      ...problems(needs, method, schema.body !== undefined),
      ...successes(answers ?? [200]),
      ...own,
    }
    return { ...described, schema: { ...described.schema, response } }
  }
}

function successes(answers: readonly number[]): Record<string, object> {
  const bodies = answers.map((status) => [
    status,
    status === 204
      ? { description: 'Done', type: 'null' }
      : { description: 'Done', type: 'object', additionalProperties: true },
  ])
  return Object.fromEntries(bodies)
}

/** By status, with the codes that a program can be told. */
function problems(needs: Needs, method: string, hasBody: boolean): Record<string, object> {
  const statuses = [400, 404, 429, 503]
  if (needs !== 'nothing') statuses.push(401, 403)
  if (method !== 'GET') statuses.push(409, 410, 422)
  if (hasBody) statuses.push(413, 415)
  return Object.fromEntries(
    statuses.map((status) => [status, { description: refusalsOf(status).join(', '), content: problemContent }]),
  )
}

const problemContent = { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } }
