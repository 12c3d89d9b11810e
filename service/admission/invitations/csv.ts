import type { Context } from '../../platform/index.ts'
import type { Service } from '../../services/index.ts'
import { csvBegin, csvLine } from '../csv.ts'
import { invitationsAfter } from './store.ts'

const together = 1_000

/** Every invitation with what became of it, a part at a time. */
export async function* invitationsCsv(ctx: Context, service: Service): AsyncGenerator<string> {
  yield csvBegin + csvLine(['email', 'group', 'state', 'sent', 'until', 'accepted', 'times sent', 'by'])
  for (let after: string | null = null; ;) {
    const part = await invitationsAfter(ctx.db, service.id, ctx.clock.now(), { after, limit: together })
    yield part
      .map((each) =>
        csvLine([
          ...[each.address, each.cohort, each.state],
          ...[each.sentAt.toISOString(), each.expiresAt.toISOString(), each.acceptedAt?.toISOString()],
          ...[each.resent + 1, each.sentBy],
        ]),
      )
      .join('')
    const last = part.at(-1)
    if (last === undefined || part.length < together) return
    after = last.id
  }
}
