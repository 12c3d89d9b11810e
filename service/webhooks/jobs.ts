import { forgetMessages, type Anchors, type Platform } from '../platform/index.ts'

const keptDays = 30

/** HOOK-4: what is due again is looked for every ten seconds; what was sent is forgotten after thirty days. */
export function webhooksJobs({ jobs }: Platform, anchors: Anchors): void {
  jobs.every('webhooks', 10, ({ webhooks }) => webhooks.deliverDue())
  jobs.every('webhooks-old', 86_400, ({ db, clock }) =>
    forgetMessages(db, new Date(clock.now().getTime() - keptDays * 86_400_000)),
  )
  // AUD-4: whoever can change the database cannot change what another system keeps.
  anchors.carryBy(async ({ db, webhooks, clock, config }, head) => {
    const by = { actor: { kind: 'system' as const, name: 'Phasegate' }, clock, config }
    const entry = { action: 'audit.head', summary: '', detail: head }
    await db.transaction().execute((tx) => webhooks.queue(tx, by, null, [entry]))
    webhooks.wake()
  })
}
