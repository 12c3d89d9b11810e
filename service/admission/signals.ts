import {
  inWindow,
  readTogether,
  type Queryable,
  type Reading,
  type Signal,
  type SignalService,
  type Window,
} from '../platform/index.ts'
import { countAdmitted, countInvitations, countStanding, countWaiting, legacyHealths } from './reads.ts'
import { readRollout } from './store.ts'

export const admissionSignals: Signal[] = [
  {
    id: 'admission.invited',
    unit: 'count',
    says: 'invitations sent',
    one: 'invitation sent',
    read: async (db, service, window) => count(service, window.to, await invitations(db, service, 'sent', window)),
  },
  {
    id: 'admission.accepted',
    unit: 'count',
    says: 'invitations accepted',
    one: 'invitation accepted',
    read: async (db, service, window) => count(service, window.to, await invitations(db, service, 'accepted', window)),
  },
  {
    id: 'admission.acceptance-share',
    unit: 'percent',
    says: 'of invitations sent were accepted',
    async read(db, service, window) {
      const sent = await invitations(db, service, 'sent', window)
      const accepted = await invitations(db, service, 'accepted', window)
      if (sent === 0) return { kind: 'no-data', href: page(service) }
      return {
        kind: 'value',
        value: Math.min(100, (100 * accepted) / sent),
        n: sent,
        asOf: window.to,
        href: page(service),
      }
    },
  },
  {
    id: 'admission.active',
    unit: 'count',
    says: 'people are in the new service and have not gone back',
    one: 'person is in the new service and has not gone back',
    async read(db, service, window) {
      const { peopleIn, wentBack } = await standing(db, service, window)
      return count(service, window.to, peopleIn - wentBack)
    },
  },
  {
    id: 'admission.went-back',
    unit: 'count',
    says: 'people who are in chose the current service',
    one: 'person who is in chose the current service',
    read: async (db, service, window) => count(service, window.to, (await standing(db, service, window)).wentBack),
  },
  {
    id: 'admission.joined',
    unit: 'count',
    says: 'people joined by their own choice',
    one: 'person joined by their own choice',
    read: async (db, service, window) =>
      count(service, window.to, await countAdmitted(db, service.id, ['join'], window)),
  },
  {
    id: 'admission.drawn',
    unit: 'count',
    says: 'people were let in by the share',
    one: 'person was let in by the share',
    read: async (db, service, window) =>
      count(service, window.to, await countAdmitted(db, service.id, ['share'], window)),
  },
  {
    id: 'admission.waiting',
    unit: 'count',
    says: 'people wait for a place',
    one: 'person waits for a place',
    read: async (db, service, window) => count(service, window.to, await countWaiting(db, service.id)),
  },
  {
    id: 'admission.share',
    unit: 'percent',
    says: 'of those who come by themselves get the new service',
    async read(db, service, window) {
      const { share } = await readRollout(db, service.id)
      return { kind: 'value', value: share / 1000, n: null, asOf: window.to, href: page(service) }
    },
  },
  {
    id: 'admission.current-service-healthy',
    unit: 'yes-no',
    says: 'the current service answers its checks',
    async read(db, service, window): Promise<Reading> {
      const found = await readTogether(window.look, service, inWindow('current service', window), (ids) =>
        legacyHealths(db, ids, window),
      )
      const health = found?.[0]
      if (health === undefined) return { kind: 'no-data', href: page(service) }
      return {
        kind: 'value',
        value: health.lastPassed ? 1 : 0,
        n: health.checks,
        asOf: health.lastAt,
        href: page(service),
      }
    },
  },
]

async function standing(
  db: Queryable,
  service: SignalService,
  { look }: Window,
): Promise<{ peopleIn: number; wentBack: number }> {
  const found = await readTogether(look, service, 'standing', (ids) => countStanding(db, ids))
  return found ?? { peopleIn: 0, wentBack: 0 }
}

async function invitations(
  db: Queryable,
  service: SignalService,
  which: 'sent' | 'accepted',
  window: Window,
): Promise<number> {
  const found = await readTogether(window.look, service, inWindow(`invitations ${which}`, window), (ids) =>
    countInvitations(db, ids, which, window),
  )
  return found?.[0]?.n ?? 0
}

function page(service: SignalService): string {
  return `/services/${service.key}/admission`
}

function count(service: SignalService, asOf: Date, value: number): Reading {
  return { kind: 'value', value, n: null, asOf, href: page(service) }
}
