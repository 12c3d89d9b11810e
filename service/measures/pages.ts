import { stringify } from 'csv-stringify/sync'
import { z } from 'zod'
import { may, readForm, Refusal, typedValues, type App, type Problem } from '../platform/index.ts'
import { link } from '../platform/html/index.ts'
import { findPhase, phaseHistory, servicePage } from '../services/index.ts'
import type { FastifyRequest } from 'fastify'
import { kpiSources } from './check-store.ts'
import { changeFormula, setTarget } from './definition-store.ts'
import { journeyReport } from './journeys.ts'
import { findKpi, type Kpi } from './kpis.ts'
import { csvRows, measureContent, type MeasureView } from './pages/measure.ts'
import { measuresContent, periods } from './pages/measures.ts'
import { realUse } from './people.ts'
import { kpiReport, measuresSummary } from './report.ts'
import { lastDays } from './time.ts'

const hidden = { schema: { hide: true } }
const definitionForm = z.object({
  formula: z.string({ error: 'Choose a formula' }).max(60).min(1, 'Choose a formula'),
  reason: z.string().trim().min(1, 'Say why the definition changes').max(1000, 'Use 1,000 letters or fewer'),
})
const targetForm = z.object({
  target: z.coerce
    .number({ error: 'Enter a number from 0 to 100, such as 80' })
    .min(0, 'Enter a number from 0 to 100')
    .max(100, 'Enter a number from 0 to 100'),
})

export function measuresPages(app: App): void {
  app.get('/services/:service/measures', hidden, async (request, reply) => {
    const { context: ctx, service } = request
    const days = daysIn(request, 28)
    const now = ctx.clock.now()
    const period = lastDays(days, now, service.timeZone)
    const content = measuresContent({
      service,
      days,
      now,
      summary: await measuresSummary(ctx.db, service, period),
      journeys: await journeyReport(ctx.db, service, period),
      use: await realUse(ctx.db, service, period),
      sources: await kpiSources(ctx.db, service.id, now),
      betaSince: await betaSince(request),
    })
    return reply.page(servicePage(request, { title: 'Measures', active: 'measures' }, content))
  })
  app.get('/services/:service/measures/:kpi', hidden, async (request, reply) =>
    reply.page(measurePage(request, [], {})),
  )
  app.get('/services/:service/measures/:kpi/data.csv', hidden, async (request, reply) => {
    const { context: ctx, service } = request
    const kpi = kpiIn(request)
    const report = await kpiReport(
      ctx.db,
      service,
      kpi,
      lastDays(daysIn(request, 90), ctx.clock.now(), service.timeZone),
    )
    return reply
      .type('text/csv; charset=utf-8')
      .header('content-disposition', `attachment; filename="${service.key}-${kpi.id}.csv"`)
      .send(stringify(csvRows({ report }), { header: true }))
  })
  app.post('/services/:service/measures/:kpi/definition', hidden, async (request, reply) => {
    const kpi = kpiIn(request)
    const read = readForm(definitionForm, request.body)
    if (!read.ok) return reply.code(422).page(measurePage(request, read.problems, typedValues(request.body)))
    await changeFormula(request.context, request.service, kpi, read.value)
    return reply.redirect(`/services/${request.service.key}/measures/${kpi.id}`, 303)
  })
  app.post('/services/:service/measures/:kpi/target', hidden, async (request, reply) => {
    const kpi = kpiIn(request)
    const read = readForm(targetForm, request.body)
    if (!read.ok) return reply.code(422).page(measurePage(request, read.problems, typedValues(request.body)))
    await setTarget(request.context, request.service, kpi, read.value.target)
    return reply.redirect(`/services/${request.service.key}/measures/${kpi.id}`, 303)
  })
}

async function measurePage(request: FastifyRequest, problems: Problem[], values: Record<string, string>) {
  const { context: ctx, service } = request
  const kpi = kpiIn(request)
  const days = daysIn(request, 90)
  const view: MeasureView = {
    service,
    days,
    report: await kpiReport(ctx.db, service, kpi, lastDays(days, ctx.clock.now(), service.timeZone)),
    phases: (await phaseHistory(ctx.db, service.id)).flatMap(({ at, to, from }) =>
      from === null ? [] : [{ at, title: `${findPhase(to)?.name ?? to} begins` }],
    ),
    mayEdit: await may(ctx, 'measures.edit', service.id),
    problems,
    values,
  }
  return servicePage(
    request,
    { title: kpi.name, active: 'measures', eyebrow: link('Measures', `/services/${service.key}/measures`), problems },
    measureContent(view),
  )
}

function kpiIn(request: FastifyRequest): Kpi {
  const kpi = findKpi(String((request.params as { kpi?: string }).kpi))
  if (kpi === null) throw new Refusal('not-found')
  return kpi
}

function daysIn(request: FastifyRequest, otherwise: number): number {
  const wanted = Number((request.query as { days?: string }).days)
  return periods.includes(wanted) ? wanted : otherwise
}

/** When people from outside were first let in. */
async function betaSince(request: FastifyRequest): Promise<Date | null> {
  const moves = await phaseHistory(request.context.db, request.service.id)
  const begun = moves.filter(({ to }) => to === 'private-beta' || to === 'public-beta').map(({ at }) => at)
  return begun.reduce<Date | null>((first, at) => (first === null || at < first ? at : first), null)
}
