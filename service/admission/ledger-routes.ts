import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { may, must, type App } from '../platform/index.ts'
import { servicePage } from '../services/index.ts'
import { ladderOf } from './ladder.ts'
import { countLadder } from './ladder-reads.ts'
import { admissionsOf, ledgerOf, type Admission, type LedgerEvent } from './ledger-reads.ts'
import { wayBack } from './pages/door-parts.ts'
import { ledgerContent } from './pages/ledger-page.ts'
import type { Snapshots } from './snapshots.ts'
import { addressHidden, isAddressHidden } from './team-view.ts'

const tags = ['Admission']
const params = z.object({ service: z.string().max(60) })
const who = z.string().trim().min(1).max(256)
const listed = z.object({
  before: z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER).optional(),
  carried: z.literal('yes').optional(),
})
const pageSize = 50

/** ADM-50, ADM-51: the ladder by API, and the ledger as page and API. */
export function ledgerRoutes(app: App, snapshots: Snapshots): void {
  const at = '/api/v1/services/:service'
  app.get(
    `${at}/ladder`,
    { schema: { summary: 'Every rung of the ladder, with how many people stand on it', tags, params } },
    async ({ context: ctx, service }) =>
      ladderOf(service, await countLadder(ctx.db, service.id), snapshots.halts.of(service.id) !== null),
  )
  const limit = z.coerce.number().int().min(1).max(1000).default(200)
  app.get(
    `${at}/ledger`,
    {
      schema: {
        summary: 'Who was let in, newest first; addresses only for those who may see people',
        tags,
        params,
        querystring: listed.extend({ limit }),
      },
    },
    async (request) => {
      const admissions = await readAdmissions(request, request.query, request.query.limit)
      return { admissions, before: admissions.length < request.query.limit ? null : (admissions.at(-1)?.id ?? null) }
    },
  )
  app.get(
    `${at}/ledger/:who`,
    {
      schema: {
        summary: 'Of one person: let in when, by which rung and by whom, and every change after',
        tags,
        params: params.extend({ who }),
      },
    },
    async (request) => ({ events: await readPerson(request, request.params.who) }),
  )
  app.get(
    '/services/:service/admission/ledger',
    { schema: { hide: true, querystring: listed.extend({ who: z.string().trim().max(256).optional() }) } },
    (request, reply) => reply.page(ledgerPage(request, request.query)),
  )
}

async function ledgerPage(
  request: FastifyRequest,
  query: { who?: string | undefined; before?: number | undefined; carried?: 'yes' | undefined },
) {
  const { context: ctx, service } = request
  const maySeePeople = await may(ctx, 'admission.people', service.id)
  const asked = query.who ?? ''
  const isForbidden = isAddressHidden(asked, maySeePeople)
  const problems = isForbidden ? [addressHidden] : []
  const events = asked === '' || isForbidden ? null : await readPerson(request, asked)
  const admissions = events === null ? await readAdmissions(request, query, pageSize) : []
  return servicePage(
    request,
    {
      title: 'Admissions ledger',
      active: 'admission',
      eyebrow: wayBack(service),
      lede: 'Who was let in, when, by which rung and by whom. A line is never changed but for its end.',
      problems,
    },
    ledgerContent({
      service,
      who: asked,
      events,
      admissions,
      carried: query.carried === 'yes',
      isWhole: admissions.length < pageSize,
      maySeePeople,
      problems,
    }),
  )
}

/** Pseudonymous to whoever may not see people: the reference stays, the address goes. */
async function readAdmissions(
  { context: ctx, service }: FastifyRequest,
  { before, carried }: { before?: number | undefined; carried?: 'yes' | undefined },
  limit: number,
): Promise<Admission[]> {
  const wanted = { before: before ?? null, limit, carried: carried === 'yes' }
  const admissions = await admissionsOf(ctx.db, service.id, wanted)
  if (await may(ctx, 'admission.people', service.id)) return admissions
  return admissions.map((admission) => ({ ...admission, address: null }))
}

async function readPerson({ context: ctx, service }: FastifyRequest, asked: string): Promise<LedgerEvent[]> {
  const isAddress = asked.includes('@')
  if (isAddress) await must(ctx, 'admission.people', service.id)
  return ledgerOf(ctx.db, service.id, isAddress ? { address: asked } : { unit: asked })
}
