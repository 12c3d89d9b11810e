import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { rulesBody, type GivenRule } from '../../features/index.ts'
import type { App } from '../../platform/index.ts'
import type { Snapshots } from '../snapshots.ts'
import { RulesChanged, setRules } from './setting.ts'
import { readRuleSet, type RuleSet } from './store.ts'

const tags = ['Admission']
const params = z.object({ service: z.string().max(60) })

export function attributeRulesApi(app: App, snapshots: Snapshots): void {
  const at = '/api/v1/services/:service/rules'
  app.get(
    at,
    { schema: { summary: 'The rules on attributes that let people into the service', tags, params } },
    async ({ context, service }) => ruleSetBody(await readRuleSet(context.db, service.id)),
  )
  app.put(
    at,
    { schema: { summary: 'Set the rules on attributes', tags, params, answers: [200], body: rulesBody } },
    async (request, reply) => {
      const { version, reason, rules } = request.body
      const given = rules.map(({ percent, variant: _variant, ...rule }): GivenRule => ({
        ...rule,
        share: Math.round(percent * 1000),
      }))
      try {
        const set = await setRules(request.context, request.service, { version, reason, rules: given })
        await snapshots.refresh(request.service.id)
        return ruleSetBody(set)
      } catch (error) {
        if (error instanceof RulesChanged) return conflict(request, reply, error)
        throw error
      }
    },
  )
}

/** Of two who change the rules at once the second is sent both versions. */
function conflict(request: FastifyRequest, reply: FastifyReply, error: RulesChanged): FastifyReply {
  const { code, title, status, whatToDo: detail, stored } = error
  const told = { type: `urn:phasegate:${code}`, title, status, code, detail, requestId: request.id }
  return reply
    .code(status)
    .type('application/problem+json')
    .send(JSON.stringify({ ...told, stored: ruleSetBody(stored), sent: request.body }))
}

function ruleSetBody({ rules, version, changedBy }: RuleSet) {
  return { version, changedBy, rules: rules.map(({ share, ...rule }) => ({ ...rule, percent: share / 1000 })) }
}
