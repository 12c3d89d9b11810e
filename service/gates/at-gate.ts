import { act, Refusal, type Context, type Permission, type Record, type Tx } from '../platform/index.ts'
import type { GateView } from './gates.ts'
import { readGate } from './reads.ts'
import { lockGates } from './store.ts'
import { readAgain, type Subject } from './subject.ts'

export interface AtGate {
  tx: Tx
  record: Record
  subject: Subject
  view: GateView
  now: Date
}

/** One act at a gate: locked against others, on the subject and the data as this transaction sees them. */
export async function atGate<T>(
  ctx: Context,
  where: { permission: Permission; subject: Subject; gate: string; topic?: string; confirmed?: boolean },
  work: (at: AtGate) => Promise<T>,
): Promise<T> {
  const deed = {
    permission: where.permission,
    service: where.subject.service.id,
    topic: where.topic ?? 'gate',
    confirmed: where.confirmed ?? false,
  }
  return act(ctx, deed, async (tx, record) => {
    await lockGates(tx, where.subject.service.id)
    const subject = await readAgain(tx, where.subject)
    const now = ctx.clock.now()
    const view = subject === null ? null : await readGate(tx, now, subject, where.gate)
    if (subject === null || view === null) throw new Refusal('not-found')
    return work({ tx, record: recordOf(subject, record), subject, view, now })
  })
}

/** History is the service's; what was done for a feature names it there. */
export function recordOf(subject: Subject, record: Record): Record {
  if (subject.kind === 'service') return record
  const { key, name } = subject.feature
  return (entry) =>
    record({ ...entry, summary: `${entry.summary}, for ${name}`, detail: { feature: key, said: entry.detail ?? null } })
}

/** GATE-4: only a named person's session. A key is answered with what it can do instead. */
export function person(ctx: Context): { accountId: string; name: string } {
  if (ctx.actor.kind !== 'account') throw new Refusal('verdict-by-key')
  return ctx.actor
}
