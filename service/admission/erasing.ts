import {
  actorName,
  change,
  eraseFromHistory,
  historyEntries,
  must,
  Refusal,
  type Context,
  type PersonalData,
} from '../platform/index.ts'
import { allServices, type Service } from '../services/index.ts'
import { suppress } from './invitations/suppressing.ts'
import { findSubject } from './personal-data-store.ts'

export interface ErasureReport {
  service: string
  found: { name: string; becomes: string; count: number }[]
}

/** Builds on what each domain says that it keeps; app.ts hands that over. */
export interface Erasure {
  /** What there is about a person, and what would become of it. */
  report(ctx: Context, service: Service, address: string): Promise<ErasureReport>
  erase(ctx: Context, service: Service, address: string): Promise<ErasureReport>
  /** The same in every service of the installation, for its owner. */
  everywhere(ctx: Context, address: string, sure: boolean): Promise<ErasureReport[]>
}

export function createErasure(kinds: readonly PersonalData[]): Erasure {
  /** ADM-70: one request reaches everything, in one transaction; history keeps that it was done, and no longer of whom. */
  async function eraseFrom(ctx: Context, service: Service, address: string): Promise<ErasureReport> {
    const report = await look(ctx, service, address)
    if (isEmpty(report)) throw new Refusal('person-unknown')
    await change(ctx, { service: service.id, topic: 'admission' }, async (tx, record) => {
      const subject = await findSubject(tx, service.id, address)
      for (const kind of kinds) await kind.erase(tx, subject)
      // ADM-41: that nobody writes to this person again outlives the person's address.
      await suppress(ctx, tx, service.id, { address, reason: 'erased', by: actorName(ctx.actor) })
      const touched = await eraseFromHistory(tx, subject)
      if (touched !== null) record(touched)
      const counts = report.found.map(({ name, count }) => ({ name, count }))
      record({ action: 'admission.erased', summary: 'erased what is kept about a person', detail: { counts } })
    })
    await ctx.mail.forget(address)
    return report
  }

  async function look(ctx: Context, service: Service, address: string): Promise<ErasureReport> {
    const subject = await findSubject(ctx.db, service.id, address)
    const found = []
    for (const { name, becomes, count } of [...kinds, historyEntries])
      found.push({ name, becomes, count: await count(ctx.db, subject) })
    return { service: service.key, found }
  }

  return {
    async report(ctx, service, address) {
      await must(ctx, 'admission.people', service.id)
      return look(ctx, service, address)
    },
    async erase(ctx, service, address) {
      await must(ctx, 'admission.people', service.id)
      return eraseFrom(ctx, service, address)
    },
    async everywhere(ctx, address, sure) {
      if (!isOwner(ctx)) throw new Refusal('not-allowed')
      const reports = []
      for (const service of await allServices(ctx.db)) {
        const report = await look(ctx, service, address)
        if (isEmpty(report)) continue
        reports.push(sure ? await eraseFrom(ctx, service, address) : report)
      }
      if (sure) await ctx.mail.forget(address)
      return reports
    },
  }
}

function isEmpty({ found }: ErasureReport): boolean {
  return found.every(({ count }) => count === 0)
}

function isOwner({ actor }: Context): boolean {
  return actor.kind === 'account' ? actor.installation === 'owner' : actor.kind === 'key' && actor.keyKind === 'admin'
}
