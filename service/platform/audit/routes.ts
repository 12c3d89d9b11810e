import { Readable } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { change } from '../act.ts'
import { box, dataTable, html, link, section, teamPage, type Html } from '../html/index.ts'
import type { App } from '../http/index.ts'
import { ownerFootnote, ownerNavigation } from '../owner-navigation.ts'
import { history } from './audit.ts'
import { exportAudit, formats, type AuditFormat } from './export.ts'
import { historyContent } from './history-content.ts'

const limit = 50
const before = z
  .string()
  .regex(/^\d{1,18}$/)
  .optional()
const querystring = z.object({ format: z.enum(formats).default('jsonl') })
const types: Record<AuditFormat, string> = { jsonl: 'application/jsonl', csv: 'text/csv; charset=utf-8' }

/** For owners: what happened on the installation itself, and the whole history to take away (AUD-7). */
export function historyRoutes(app: App): void {
  app.get(
    '/history',
    { schema: { hide: true, querystring: z.object({ before }) } },
    async ({ context: ctx, query }, reply) => {
      const rows = await history(ctx.db, null, { limit, ...(query.before === undefined ? {} : query) })
      const older = rows.length === limit ? (rows.at(-1)?.id ?? null) : null
      const { actor } = ctx
      return reply.page(
        teamPage(
          {
            title: 'History',
            lede: 'What happened on the installation itself: accounts, webhooks, files taken away. Each service has its own.',
            top: {
              account: actor.kind === 'account' ? { name: actor.name, role: 'owner', href: '/account' } : undefined,
            },
            navigation: ownerNavigation('history'),
            footnote: ownerFootnote,
          },
          html`${query.before === undefined && downloads()} ${historyContent(rows, 'Europe/London', older)}`,
        ),
      )
    },
  )
  app.get('/history/export', { schema: { hide: true, querystring } }, (request, reply) =>
    takeAway(request, reply, request.query.format),
  )
  app.get(
    '/api/v1/history/export',
    { schema: { summary: 'The whole history, with what its chain is made of', tags: ['History'], querystring } },
    (request, reply) => takeAway(request, reply, request.query.format),
  )
}

function downloads(): Html {
  const as = (format: AuditFormat, text: string, what: string) => [
    link(
      html`Download<span class="govuk-visually-hidden"> the whole history</span> as ${text}`,
      `/history/export?format=${format}`,
    ),
    what,
  ]
  return section(
    {
      title: 'Take the whole history away',
      lede: 'Of every service and of the installation, with names. Each entry carries its hash, so that anybody can check it without the database.',
    },
    box(
      dataTable({
        caption: 'Files',
        hideCaption: true,
        head: [{ text: 'File' }, { text: 'For', wide: true }],
        rows: [
          as('csv', 'CSV', 'A spreadsheet'),
          as('jsonl', 'JSON, one entry a line', 'Programs; what phasegate audit export writes'),
        ],
      }),
    ),
  )
}

/** Who took it is part of it. */
async function takeAway({ context: ctx }: FastifyRequest, reply: FastifyReply, format: AuditFormat) {
  await change(ctx, { service: null }, async (_tx, record) => {
    record({ action: 'audit.exported', summary: `took the whole history away as a file (${format})` })
  })
  const day = ctx.clock.now().toISOString().slice(0, 10)
  return reply
    .type(types[format])
    .header('content-disposition', `attachment; filename="phasegate-history-${day}.${format}"`)
    .header('cache-control', 'private, no-store')
    .send(Readable.from(exportAudit(ctx.db, format)))
}
