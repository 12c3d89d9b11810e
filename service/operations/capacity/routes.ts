import { z } from 'zod'
import type { FastifyRequest } from 'fastify'
import { calendarDayOf, calendarDay, may, teamUrl, type App } from '../../platform/index.ts'
import { link, type Html } from '../../platform/html/index.ts'
import { servicePage } from '../../services/index.ts'
import { actRoutes, operationsAct, tags, type Tried } from '../acts.ts'
import { figure, optional, text } from '../fields.ts'
import { countSevereDefects, forecastPeak, recordLoadTest } from './actions.ts'
import { capacityContent } from './page.ts'
import { answerFor } from './rules.ts'
import { capacityOf } from './store.ts'

const acts = [
  operationsAct('capacity/forecasts', {
    summary: 'Say how many requests a second are expected at the peak',
    body: z.object({
      perSecond: figure({ min: 0.001, max: 1e7 }, 'Enter the requests a second, such as 40'),
      basis: text(1000, 'Say what the forecast rests on'),
    }),
    field: 'perSecond',
    anchor: 'forecast',
    work: forecastPeak,
  }),
  operationsAct('capacity/load-tests', {
    summary: 'Record what a load test came to',
    body: z
      .object({
        reference: text(200, 'Give the run a name').describe('Of the run; told twice, it is one test'),
        ranOn: optional(calendarDay).describe('Today, where it is left out'),
        reached: figure({ min: 0.001, max: 1e7 }, 'Enter the requests a second that it held').describe(
          'Requests a second that it reached and held',
        ),
        requests: figure({ min: 1, max: 1e12, whole: true }, 'Enter how many requests it sent'),
        failed: figure({ min: 0, max: 1e12, whole: true }, 'Enter how many of them failed, or 0'),
        p95Ms: figure({ min: 0, max: 3.6e6 }, 'Enter the milliseconds within which 95 of 100 were answered'),
        link: optional(
          z.url({ protocol: /^https?$/, error: 'Enter a link that starts with https:// or http://' }).max(2000),
        ).describe('To the report'),
        note: z.string().trim().max(2000, 'Use at most 2,000 characters').default(''),
      })
      .refine(({ requests, failed }) => failed <= requests, {
        path: ['failed'],
        message: 'No more can have failed than were sent',
      }),
    field: 'ranOn',
    anchor: 'load-tests',
    work: recordLoadTest,
  }),
  operationsAct('capacity/severe-defects', {
    summary: 'Say how many severe defects are open',
    body: z.object({
      open: figure({ min: 0, max: 1e6, whole: true }, 'Enter how many are open, or 0'),
      source: text(500, 'Say where they are tracked'),
    }),
    field: 'open',
    anchor: 'defects',
    work: countSevereDefects,
  }),
]

export function capacityRoutes(app: App): void {
  app.get(
    '/api/v1/services/:service/capacity',
    {
      schema: {
        summary: 'The forecast peak, what load tests came to, and severe defects',
        tags,
        params: z.object({ service: z.string().max(60) }),
      },
    },
    async ({ context: { db }, service }) => {
      const capacity = await capacityOf(db, service.id)
      const answer = answerFor(capacity.forecasts[0], capacity.loadTests[0])
      return { ...capacity, newest: answer && { reach: answer.reach, atPeak: answer.atPeak } }
    },
  )
  actRoutes(app, { path: 'capacity', show: capacityPage }, acts)
}

async function capacityPage(request: FastifyRequest, tried: Tried): Promise<Html> {
  const { context: ctx, service } = request
  const capacity = await capacityOf(ctx.db, service.id)
  return servicePage(
    request,
    {
      title: 'Capacity',
      active: 'deployments',
      eyebrow: link('Deployments', `/services/${service.key}/deployments`),
      lede: 'Does it hold when as many come at once as you expect?',
      problems: tried.problems,
    },
    capacityContent({
      ...{ capacity, tried, timeZone: service.timeZone },
      home: `/services/${service.key}/capacity`,
      apiUrl: teamUrl(ctx, `/api/v1/services/${service.key}/capacity`),
      answer: answerFor(capacity.forecasts[0], capacity.loadTests[0]),
      mayWrite: await may(ctx, 'capacity.write', service.id),
      today: calendarDayOf(ctx.clock.now(), service.timeZone),
    }),
  )
}
