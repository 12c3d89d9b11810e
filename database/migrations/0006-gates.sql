-- Gates: verdicts, waivers, evidence, sign-offs and decisions. Rows are added and never changed: what was said stays said.

-- The version of the playbook that a service moved to; before its first row, the one in force on the day it was added.
create table gate_playbook (
  id bigint generated always as identity primary key,
  service_id uuid not null references service (id) on delete cascade,
  playbook text not null,
  version text not null,
  at timestamptz not null,
  by_name text not null
);
create index gate_playbook_service on gate_playbook (service_id, at desc, id desc);

-- The day on which the team means to stand at a gate; the newest row counts.
create table gate_date (
  id bigint generated always as identity primary key,
  service_id uuid not null references service (id) on delete cascade,
  gate text not null,
  planned_for date,
  at timestamptz not null,
  by_name text not null
);
create index gate_date_service on gate_date (service_id, gate, at desc, id desc);

create table gate_verdict (
  id uuid primary key default gen_random_uuid(),
  sequence bigint generated always as identity,
  service_id uuid not null references service (id) on delete cascade,
  gate text not null,
  criterion text not null,
  phase text not null,
  kind text not null check (kind in ('met', 'not-met', 'waived')),
  reason text not null check (length(reason) between 1 and 4000),
  by_name text not null,
  by_account uuid,
  role text not null,
  at timestamptz not null,
  waiver_owner text,
  waiver_ends_on date,
  -- Playbook version, readings with window and definition, and evidence, as they were then (GATE-5).
  frozen jsonb not null,
  check ((kind = 'waived') = (waiver_owner is not null and waiver_ends_on is not null))
);
create index gate_verdict_service on gate_verdict (service_id, gate, criterion, at desc, sequence desc);

create table gate_signal_waiver (
  id uuid primary key default gen_random_uuid(),
  service_id uuid not null references service (id) on delete cascade,
  gate text not null,
  criterion text not null,
  signal text not null,
  reason text not null check (length(reason) between 1 and 4000),
  owner text not null,
  ends_on date not null,
  by_name text not null,
  by_account uuid,
  at timestamptz not null
);
create index gate_signal_waiver_service on gate_signal_waiver (service_id, gate, criterion, at desc);

create table gate_evidence (
  id uuid primary key default gen_random_uuid(),
  service_id uuid not null references service (id) on delete cascade,
  criterion text not null,
  asked text,
  title text not null check (length(title) between 1 and 200),
  url text check (length(url) <= 2000),
  note text not null default '' check (length(note) <= 4000),
  dated date not null,
  owner text not null,
  by_name text not null,
  by_account uuid,
  at timestamptz not null,
  says text check (says in ('met', 'not-met')),
  -- Set aside, never deleted: an earlier verdict rested on it.
  withdrawn_at timestamptz
);
create index gate_evidence_service on gate_evidence (service_id, criterion, at desc);

create table gate_sign_off (
  id uuid primary key default gen_random_uuid(),
  service_id uuid not null references service (id) on delete cascade,
  gate text not null,
  role text not null,
  note text not null default '' check (length(note) <= 4000),
  by_name text not null,
  by_account uuid not null,
  at timestamptz not null
);
create index gate_sign_off_service on gate_sign_off (service_id, gate, at desc);

create table gate_decision (
  id uuid primary key default gen_random_uuid(),
  service_id uuid not null references service (id) on delete cascade,
  gate text not null,
  outcome text not null check (outcome in ('go', 'go-with-actions', 'stay', 'repeat', 'back', 'stop')),
  from_phase text not null,
  to_phase text not null,
  reason text not null check (length(reason) between 1 and 4000),
  by_name text not null,
  by_account uuid,
  -- Set where a key moved the phase past an unmet gate: never silent.
  waiver text,
  at timestamptz not null,
  frozen jsonb not null
);
create index gate_decision_service on gate_decision (service_id, at desc);

-- What was said stays said (GATE-5): corrections are new rows.
create function gate_rows_stay() returns trigger language plpgsql as $$
begin
  raise exception 'rows of % are never changed', tg_table_name;
end $$;
create trigger gate_verdict_stays before update on gate_verdict for each row execute function gate_rows_stay();
create trigger gate_signal_waiver_stays before update on gate_signal_waiver for each row execute function gate_rows_stay();
create trigger gate_sign_off_stays before update on gate_sign_off for each row execute function gate_rows_stay();
create trigger gate_decision_stays before update on gate_decision for each row execute function gate_rows_stay();
