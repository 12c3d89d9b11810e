import { sql, type RawBuilder } from 'kysely'
import type { Queryable, Tx } from '../platform/index.ts'
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

const isOf = ({ serviceId, featureId }: SubjectKey): RawBuilder<unknown> =>
  sql`service_id = ${serviceId} and feature_id is not distinct from ${featureId}::uuid`

/** Two acts at one gate come one after the other, so that a decision sees each verdict or none of it. */
export async function lockGates(tx: Tx, serviceId: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`gates ${serviceId}`}, 0))`.execute(tx)
}

// Verdicts

type VerdictRow = Omit<Verdict, 'waiver'> & { owner: string | null; endsOn: Day | null }

export async function verdicts(db: Queryable, of: SubjectKey, gate: string): Promise<Verdict[]> {
  const { rows } = await sql<VerdictRow>`
    select id, criterion, gate, phase, kind, reason, by_name as by, by_account as "byAccount", role, at,
      waiver_owner as owner, to_char(waiver_ends_on, 'YYYY-MM-DD') as "endsOn", frozen
    from gate_verdict where ${isOf(of)} and gate = ${gate}
    order by at desc, sequence desc`.execute(db)
  return rows.map(({ owner, endsOn, ...verdict }) => ({
    ...verdict,
    waiver: owner === null || endsOn === null ? null : { owner, endsOn },
  }))
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

export async function signalWaivers(db: Queryable, of: SubjectKey, gate: string): Promise<SignalWaiver[]> {
  const { rows } = await sql<SignalWaiver>`
    select id, criterion, signal, reason, owner, to_char(ends_on, 'YYYY-MM-DD') as "endsOn", by_name as by,
      by_account as "byAccount", at
    from gate_signal_waiver where ${isOf(of)} and gate = ${gate} order by at desc, id`.execute(db)
  return rows
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

export async function evidenceOf(db: Queryable, of: SubjectKey): Promise<Evidence[]> {
  const { rows } = await sql<Evidence>`
    select id, criterion, asked, title, url, note, to_char(dated, 'YYYY-MM-DD') as dated, owner, by_name as by,
      by_account as "byAccount", at, says,
      (select jsonb_build_object('name', a.name, 'type', a.type, 'size', a.size, 'sha256', a.sha256)
        from gate_attachment a where a.evidence_id = gate_evidence.id) as attachment
    from gate_evidence where ${isOf(of)} and withdrawn_at is null order by dated desc, at desc`.execute(db)
  return rows
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

export async function signOffs(db: Queryable, of: SubjectKey, gate: string): Promise<SignOff[]> {
  const { rows } = await sql<SignOff>`
    select id, gate, role, by_name as by, by_account as "byAccount", note, at
    from gate_sign_off where ${isOf(of)} and gate = ${gate} order by at desc, id`.execute(db)
  return rows
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
  const { rows } = await sql<Decision>`
    select id, gate, outcome, from_phase as "from", to_phase as "to", reason, by_name as by, by_account as "byAccount",
      waiver, at, frozen
    from gate_decision where ${isOf(of)} order by at desc, id`.execute(db)
  return rows
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

export async function plannedFor(db: Queryable, of: SubjectKey, gate: string): Promise<Day | null> {
  const { rows } = await sql<{ day: Day | null }>`
    select to_char(planned_for, 'YYYY-MM-DD') as day from gate_date
    where ${isOf(of)} and gate = ${gate} order by at desc, id desc limit 1`.execute(db)
  return rows[0]?.day ?? null
}

export async function insertPlannedFor(
  tx: Tx,
  of: SubjectKey,
  plan: { gate: string; day: Day | null; at: Date; by: string },
): Promise<void> {
  await sql`insert into gate_date (service_id, feature_id, gate, planned_for, at, by_name)
    values (${of.serviceId}, ${of.featureId}, ${plan.gate}, ${plan.day}::date, ${plan.at}, ${plan.by})`.execute(tx)
}

export async function chosenPlaybook(db: Queryable, of: SubjectKey): Promise<{ id: string; version: string } | null> {
  const { rows } = await sql<{ id: string; version: string }>`
    select playbook as id, version from gate_playbook where ${isOf(of)}
    order by at desc, id desc limit 1`.execute(db)
  return rows[0] ?? null
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
