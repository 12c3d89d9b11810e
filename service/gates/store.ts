import { sql, type RawBuilder } from 'kysely'
import { rowsOfEach, type Queryable, type Tx } from '../platform/index.ts'
import type {
  Day,
  Decision,
  Evidence,
  FrozenEvidence,
  FrozenGate,
  SignalWaiver,
  SignOff,
  Verdict,
  Waiver,
} from './gates.ts'
import type { SubjectKey } from './subject.ts'

/** A subject and one of its gates. */
export type Place = SubjectKey & { gate: string }

/** What is stored of each of these places, by the key of its subject. */
function storedOf<T>(
  db: Queryable,
  places: readonly Place[],
  query: (isOf: RawBuilder<unknown>, gate: RawBuilder<unknown>) => RawBuilder<T>,
): Promise<Map<string, T[]>> {
  const isSame = sql`service_id = e.service_id and feature_id is not distinct from e.feature_id`
  return rowsOfEach(db, places.map(nameOf), () => query(isSame, sql`e.gate`), [
    { name: 'service_id', type: 'uuid', values: places.map(({ serviceId }) => serviceId) },
    { name: 'feature_id', type: 'uuid', values: places.map(({ featureId }) => featureId) },
    { name: 'gate', type: 'text', values: places.map(({ gate }) => gate) },
  ])
}

/** Of a service its id, of a feature the feature's. */
export function nameOf({ serviceId, featureId }: SubjectKey): string {
  return featureId ?? serviceId
}

const isOf = ({ serviceId, featureId }: SubjectKey): RawBuilder<unknown> =>
  sql`service_id = ${serviceId} and feature_id is not distinct from ${featureId}::uuid`

/** Two acts at one gate come one after the other, so that a decision sees each verdict or none of it. */
export async function lockGates(tx: Tx, serviceId: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`gates ${serviceId}`}, 0))`.execute(tx)
}

// Verdicts

type VerdictRow = Omit<Verdict, 'waiver'> & { owner: string | null; endsOn: Day | null }

async function verdictsOf(db: Queryable, places: readonly Place[]): Promise<Map<string, Verdict[]>> {
  const found = await storedOf(
    db,
    places,
    (isSame, gate) => sql<VerdictRow>`
      select id, criterion, gate, phase, kind, reason, by_name as by, by_account as "byAccount", role, at,
        waiver_owner as owner, to_char(waiver_ends_on, 'YYYY-MM-DD') as "endsOn", frozen
      from gate_verdict where ${isSame} and gate = ${gate}
      order by at desc, sequence desc`,
  )
  const told = ({ owner, endsOn, ...verdict }: VerdictRow): Verdict => ({
    ...verdict,
    waiver: owner === null || endsOn === null ? null : { owner, endsOn },
  })
  return new Map([...found].map(([name, rows]) => [name, rows.map(told)]))
}

export async function insertVerdict(
  tx: Tx,
  of: SubjectKey,
  verdict: Omit<Verdict, 'id' | 'frozen'> & { frozen: FrozenEvidence },
): Promise<string> {
  const { rows } = await sql<{ id: string }>`
    insert into gate_verdict (service_id, feature_id, gate, criterion, phase, kind, reason, by_name, by_account, role, at,
      waiver_owner, waiver_ends_on, frozen)
    values (${of.serviceId}, ${of.featureId}, ${verdict.gate}, ${verdict.criterion}, ${verdict.phase}, ${verdict.kind}, ${verdict.reason},
      ${verdict.by}, ${verdict.byAccount}, ${verdict.role}, ${verdict.at}, ${verdict.waiver?.owner ?? null},
      ${verdict.waiver?.endsOn ?? null}::date, ${JSON.stringify(verdict.frozen)}::jsonb)
    returning id`.execute(tx)
  return idOf(rows)
}

function signalWaiversOf(db: Queryable, places: readonly Place[]): Promise<Map<string, SignalWaiver[]>> {
  return storedOf(
    db,
    places,
    (isSame, gate) => sql<SignalWaiver>`
      select id, criterion, signal, reason, owner, to_char(ends_on, 'YYYY-MM-DD') as "endsOn", by_name as by,
        by_account as "byAccount", at
      from gate_signal_waiver where ${isSame} and gate = ${gate} order by at desc, id`,
  )
}

export async function insertSignalWaiver(
  tx: Tx,
  of: SubjectKey,
  gate: string,
  waiver: Omit<SignalWaiver, 'id'> & Waiver,
): Promise<void> {
  await sql`
    insert into gate_signal_waiver (service_id, feature_id, gate, criterion, signal, reason, owner, ends_on, by_name, by_account, at)
    values (${of.serviceId}, ${of.featureId}, ${gate}, ${waiver.criterion}, ${waiver.signal}, ${waiver.reason}, ${waiver.owner},
      ${waiver.endsOn}::date, ${waiver.by}, ${waiver.byAccount}, ${waiver.at})`.execute(tx)
}

// Evidence

function evidenceOf(db: Queryable, places: readonly Place[]): Promise<Map<string, Evidence[]>> {
  return storedOf(
    db,
    places,
    (isSame) => sql<Evidence>`
      select g.id, g.criterion, g.asked, g.title, g.url, g.note, to_char(g.dated, 'YYYY-MM-DD') as dated, g.owner,
        g.by_name as by, g.by_account as "byAccount", g.at, g.says,
        (select jsonb_build_object('name', a.name, 'type', a.type, 'size', a.size, 'sha256', a.sha256)
          from gate_attachment a where a.evidence_id = g.id) as attachment
      from (select * from gate_evidence where ${isSame} and withdrawn_at is null) as g order by g.dated desc, g.at desc`,
  )
}

export async function insertEvidence(
  tx: Tx,
  of: SubjectKey,
  item: Omit<Evidence, 'id' | 'attachment'>,
): Promise<string> {
  const { rows } = await sql<{ id: string }>`
    insert into gate_evidence (service_id, feature_id, criterion, asked, title, url, note, dated, owner, by_name, by_account, at, says)
    values (${of.serviceId}, ${of.featureId}, ${item.criterion}, ${item.asked}, ${item.title}, ${item.url}, ${item.note}, ${item.dated}::date,
      ${item.owner}, ${item.by}, ${item.byAccount}, ${item.at}, ${item.says})
    returning id`.execute(tx)
  return idOf(rows)
}

export async function withdrawEvidence(tx: Tx, of: SubjectKey, id: string, at: Date): Promise<string | null> {
  const { rows } = await sql<{ title: string }>`
    update gate_evidence set withdrawn_at = ${at}
    where ${isOf(of)} and id = ${id} and withdrawn_at is null returning title`.execute(tx)
  return rows[0]?.title ?? null
}

// Sign-offs

function signOffsOf(db: Queryable, places: readonly Place[]): Promise<Map<string, SignOff[]>> {
  return storedOf(
    db,
    places,
    (isSame, gate) => sql<SignOff>`
      select id, gate, role, by_name as by, by_account as "byAccount", note, at
      from gate_sign_off where ${isSame} and gate = ${gate} order by at desc, id`,
  )
}

export async function insertSignOff(tx: Tx, of: SubjectKey, signOff: Omit<SignOff, 'id'>): Promise<string> {
  const { rows } = await sql<{ id: string }>`
    insert into gate_sign_off (service_id, feature_id, gate, role, note, by_name, by_account, at)
    values (${of.serviceId}, ${of.featureId}, ${signOff.gate}, ${signOff.role}, ${signOff.note}, ${signOff.by}, ${signOff.byAccount}, ${signOff.at})
    returning id`.execute(tx)
  return idOf(rows)
}

// Decisions

export async function decisions(db: Queryable, of: SubjectKey): Promise<Decision[]> {
  return (await decisionsAt(db, [{ ...of, gate: '' }])).get(nameOf(of)) ?? []
}

function decisionsAt(db: Queryable, places: readonly Place[]): Promise<Map<string, Decision[]>> {
  return storedOf(
    db,
    places,
    (isSame) => sql<Decision>`
      select id, gate, outcome, from_phase as "from", to_phase as "to", reason, by_name as by, by_account as "byAccount",
        waiver, at, frozen
      from gate_decision where ${isSame} order by at desc, id`,
  )
}

export async function insertDecision(
  tx: Tx,
  of: SubjectKey,
  decision: Omit<Decision, 'id' | 'frozen'> & { frozen: FrozenGate },
): Promise<string> {
  const { rows } = await sql<{ id: string }>`
    insert into gate_decision (service_id, feature_id, gate, outcome, from_phase, to_phase, reason, by_name, by_account, waiver, at, frozen)
    values (${of.serviceId}, ${of.featureId}, ${decision.gate}, ${decision.outcome}, ${decision.from}, ${decision.to}, ${decision.reason},
      ${decision.by}, ${decision.byAccount}, ${decision.waiver}, ${decision.at}, ${JSON.stringify(decision.frozen)}::jsonb)
    returning id`.execute(tx)
  return idOf(rows)
}

// The gate's date, and the version of the playbook

function plannedFor(db: Queryable, places: readonly Place[]): Promise<Map<string, { day: Day | null }[]>> {
  return storedOf(
    db,
    places,
    (isSame, gate) => sql<{ day: Day | null }>`
      select to_char(planned_for, 'YYYY-MM-DD') as day from gate_date
      where ${isSame} and gate = ${gate} order by at desc, id desc limit 1`,
  )
}

export async function insertPlannedFor(
  tx: Tx,
  of: SubjectKey,
  plan: { gate: string; day: Day | null; at: Date; by: string },
): Promise<void> {
  await sql`insert into gate_date (service_id, feature_id, gate, planned_for, at, by_name)
    values (${of.serviceId}, ${of.featureId}, ${plan.gate}, ${plan.day}::date, ${plan.at}, ${plan.by})`.execute(tx)
}

/** The playbooks that were chosen, by the key of the subject. */
export async function chosenPlaybooks(
  db: Queryable,
  of: readonly SubjectKey[],
): Promise<Map<string, { id: string; version: string }[]>> {
  return storedOf(
    db,
    of.map((key) => ({ ...key, gate: '' })),
    (isSame) => sql<{ id: string; version: string }>`
      select playbook as id, version from gate_playbook where ${isSame} order by at desc, id desc limit 1`,
  )
}

/** What people wrote down about one gate of one subject. */
export interface Records {
  plannedFor: Day | null
  verdicts: Verdict[]
  signalWaivers: SignalWaiver[]
  evidence: Evidence[]
  signOffs: SignOff[]
  /** At whichever gate. */
  decisions: Decision[]
}

/** Of all these places, in their order; one after the other, as a transaction demands. */
export async function recordsAt(db: Queryable, places: readonly Place[]): Promise<Records[]> {
  const planned = await plannedFor(db, places)
  const given = await verdictsOf(db, places)
  const waived = await signalWaiversOf(db, places)
  const evidence = await evidenceOf(db, places)
  const signed = await signOffsOf(db, places)
  const decided = await decisionsAt(db, places)
  return places.map(nameOf).map((name) => ({
    plannedFor: planned.get(name)?.[0]?.day ?? null,
    verdicts: given.get(name) ?? [],
    signalWaivers: waived.get(name) ?? [],
    evidence: evidence.get(name) ?? [],
    signOffs: signed.get(name) ?? [],
    decisions: decided.get(name) ?? [],
  }))
}

export async function insertChosenPlaybook(
  tx: Tx,
  of: SubjectKey,
  choice: { id: string; version: string; at: Date; by: string },
): Promise<void> {
  await sql`insert into gate_playbook (service_id, feature_id, playbook, version, at, by_name)
    values (${of.serviceId}, ${of.featureId}, ${choice.id}, ${choice.version}, ${choice.at}, ${choice.by})`.execute(tx)
}

function idOf(rows: { id: string }[]): string {
  const row = rows[0]
  if (row === undefined) throw new Error('The row was not stored')
  return row.id
}
