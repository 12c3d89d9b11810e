import { z } from 'zod'
import type { FastifyRequest } from 'fastify'
import { calendarDayOf, calendarDay, may, type App } from '../../platform/index.ts'
import { link, type Html } from '../../platform/html/index.ts'
import { servicePage } from '../../services/index.ts'
import { actRoutes, operationsAct, tags, type Tried } from '../acts.ts'
import { optional, text } from '../fields.ts'
import { addPartner, answerUnexpectedUse, logUnexpectedUse, recordReadiness, removePartner } from './actions.ts'
import { partnersContent } from './page.ts'
import { readinessStates } from './partners.ts'
import { partnersOf, unexpectedUsesOf } from './store.ts'

const acts = [
  operationsAct('partners', {
    summary: 'Add a partner organisation',
    body: z.object({
      name: text(200, 'Enter the name of the organisation'),
      does: text(500, 'Say what it does with the service, or for those who use it'),
    }),
    field: 'name',
    anchor: 'partners',
    work: addPartner,
  }),
  operationsAct('partners/:partner/readiness', {
    summary: 'Record what a partner organisation says of its readiness',
    body: z.object({
      state: z.enum(readinessStates, 'Choose how ready it is'),
      prepared: text(2000, 'Say what is prepared, and what is left'),
      saidBy: text(200, 'Say who of the organisation says so'),
      saidOn: calendarDay.describe('The day on which it was said'),
    }),
    field: 'saidOn',
    anchor: 'partners',
    work: recordReadiness,
  }),
  operationsAct('partners/:partner/end', {
    summary: 'Take a partner organisation off the list',
    body: z.object({ because: text(500, 'Say why it is no partner any more') }),
    field: 'because',
    anchor: 'partners',
    work: removePartner,
  }),
  operationsAct('unexpected-uses', {
    summary: 'Log a use that nobody foresaw',
    body: z.object({
      seen: text(2000, 'Say what people did that nobody foresaw'),
      seenOn: calendarDay.describe('The day on which it was seen'),
      seenBy: text(200, 'Say who saw it'),
      partner: optional(z.uuid('Choose an organisation of the list')).describe(
        'The partner organisation that saw it, or that it concerns',
      ),
    }),
    field: 'seenOn',
    anchor: 'unexpected',
    work: logUnexpectedUse,
  }),
  operationsAct('unexpected-uses/:unexpected/response', {
    summary: 'Say what was done about a use that nobody foresaw',
    body: z.object({ response: text(2000, 'Say what was done about it, or why nothing') }),
    field: 'response',
    anchor: 'unexpected',
    work: answerUnexpectedUse,
  }),
]

export function partnersRoutes(app: App): void {
  app.get(
    '/api/v1/services/:service/partners',
    {
      schema: {
        summary: 'Partner organisations with what each has ready, and uses that nobody foresaw',
        tags,
        params: z.object({ service: z.string().max(60) }),
      },
    },
    async ({ context: { db }, service }) => ({
      partners: await partnersOf(db, service.id),
      unexpectedUses: await unexpectedUsesOf(db, service.id),
    }),
  )
  actRoutes(app, { path: 'partners', show: partnersPage }, acts)
}

async function partnersPage(request: FastifyRequest, tried: Tried): Promise<Html> {
  const { context: ctx, service } = request
  const [partners, uses, mayWrite] = await Promise.all([
    partnersOf(ctx.db, service.id),
    unexpectedUsesOf(ctx.db, service.id),
    may(ctx, 'partners.write', service.id),
  ])
  return servicePage(
    request,
    {
      title: 'Partner organisations',
      active: 'deployments',
      eyebrow: link('Deployments', `/services/${service.key}/deployments`),
      lede: 'New people use a service in new ways, and the work lands with others: is each of them ready, and what was seen?',
      problems: tried.problems,
    },
    partnersContent({
      ...{ home: `/services/${service.key}`, timeZone: service.timeZone, partners, uses, mayWrite, tried },
      today: calendarDayOf(ctx.clock.now(), service.timeZone),
    }),
  )
}
