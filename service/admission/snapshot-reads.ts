import { sql } from 'kysely'
import type { FeedService } from '../../gateway/feed.ts'
import type { ServiceSnapshot, UnitList } from '../../packages/admission/src/index.ts'
import { allows, type Db, type ServiceRole } from '../platform/index.ts'
import { phaseOf, type Service } from '../services/index.ts'
import { aliasesOf } from './customers/claim-store.ts'
import { readDay } from './day-limit.ts'
import { readRuleSet } from './attribute-rules/store.ts'
import type { LargeSets } from './large-sets.ts'
import { partsOf, readLedgerParts, unitsBy, type LedgerParts } from './ledger-parts-reads.ts'
import { only, readPlaces, readRollout } from './store.ts'

/** The most that a cap can be: a limit on the day alone limits people by nothing else. */
const mostPeople = 100_000_000

/** What was read of a service before, and what large lists are known by. */
export interface Before {
  ledger: LedgerParts | null
  sets: LargeSets
}

/** A service as decisions need it; the halt is added from memory. */
export async function readServiceSnapshot(
  db: Db,
  service: Service,
  at: Date,
  { ledger: before, sets }: Before,
): Promise<{ snapshot: Omit<ServiceSnapshot, 'halt'>; ledger: LedgerParts }> {
  const rollout = await readRollout(db, service.id)
  const places = await readPlaces(db, service.id, at)
  const day = await readDay(db, service, at)
  const isDayFull = day.most !== null && day.begun >= day.most
  // ADM-66: newcomers are asked for one by one, as under a cap.
  const limit = rollout.cap ?? (day.most === null ? null : mostPeople)
  const drawn = { share: rollout.share, isCapped: limit !== null, saltAfter: rollout.saltAfter }
  const ledger = await readLedgerParts(db, service.id, drawn, before)
  const { rules } = await readRuleSet(db, service.id)
  const { rows: others } = await sql<{ kind: 'removed' | 'current'; units: string[] | null }>`
    select 'removed' as kind, array_agg(unit order by at, unit) as units from removal
      where service_id = ${service.id} and lifted_at is null
    union all
    select 'current', array_agg(unit order by at, unit) from choice where service_id = ${service.id} and value = 'current'`.execute(
    db,
  )
  const aliases = await aliasesOf(db, service.id)
  const largeBy = (...rungs: string[]): UnitList => sets.list(`${service.id} ${rungs[0]}`, partsOf(ledger, ...rungs))
  const { phase, key, name, id } = service
  const { ceiling } = phaseOf(service)
  // ADM-12: with the current service switched off (only in live) there is nowhere left to go back to.
  const isAlone = service.currentUrl === null && ceiling === 'everyone'
  const snapshot = {
    id,
    key,
    name,
    phase,
    ceiling,
    aliases,
    salt: rollout.salt,
    share: rollout.share,
    rolloutVersion: rollout.version,
    joinOpen: rollout.joinOpen,
    cap: { limit, full: places.free === 0 || isDayFull },
    units: {
      removed: others.find(({ kind }) => kind === 'removed')?.units ?? [],
      choseCurrent: isAlone ? [] : (others.find(({ kind }) => kind === 'current')?.units ?? []),
      joined: largeBy('join'),
      preview: unitsBy(ledger, 'preview'),
      staff: unitsBy(ledger, 'staff'),
      invited: largeBy('invited'),
      // Nobody can ask a rule again without the attributes of then: all whom one let in are carried.
      carried: largeBy('share', 'rules'),
    },
    rules,
  }
  return { snapshot, ledger }
}

/** The one clock that all instances on a database share. */
export async function databaseTimeMs(db: Db): Promise<number> {
  const { rows } = await sql<{ ms: number }>`
    select floor(extract(epoch from clock_timestamp()) * 1000)::bigint as ms`.execute(db)
  return only(rows).ms
}

/** What a gateway must know of it, but for its signing keys. */
export function feedService(service: Service): Omit<FeedService, 'signingKeys'> {
  return {
    key: service.key,
    name: service.name,
    phaseLabel: phaseOf(service).label,
    timeZone: service.timeZone,
    contact: service.contact === '' ? null : service.contact,
    journeys: service.journeys,
  }
}

/** Accounts that may halt a service, for the time when the database does not answer (ADM-22). */
export async function readHalters(db: Db, serviceId: string): Promise<string[]> {
  const { rows } = await sql<{ id: string; role: ServiceRole | 'owner' }>`
    select account_id as id, role from membership where service_id = ${serviceId}
    union all select id, 'owner' from account where installation = 'owner' and disabled_at is null`.execute(db)
  return rows.filter(({ role }) => allows('admission.halt', [role])).map(({ id }) => id)
}
