-- Opening in steps: the plan of a service, and every run of a step.

create table rollout_plan (
  id uuid primary key default gen_random_uuid(),
  service_id uuid not null references service (id) on delete cascade,
  -- Grows with every change: whoever changes an older one is shown both.
  version integer not null default 1,
  progress text not null check (progress in ('hand', 'clock')),
  -- Points of a share, or percent of the places, that what is open may differ from the plan.
  deviation integer not null check (deviation between 1 and 100),
  -- [{ audience, group, size, minimumDays, guardrails, question, joinOpen, startsOn }]
  steps jsonb not null,
  paused_at timestamptz,
  -- What the team was told already, so that it is told once: { deviatesSince, stuck }
  told jsonb not null,
  changed_at timestamptz not null,
  changed_by text not null
);
create unique index rollout_plan_service on rollout_plan (service_id);
create index rollout_plan_clock on rollout_plan (id) where progress = 'clock' and paused_at is null;

-- A step that ran, as it was when it started.
create table rollout_turn (
  plan_id uuid not null references rollout_plan (id) on delete cascade,
  number integer not null,
  position integer not null check (position between 1 and 20),
  step jsonb not null,
  started_at timestamptz not null,
  started_by text not null,
  paused_ms bigint not null default 0,
  answer text not null default '',
  answered_by text,
  end_kind text check (end_kind in ('closed', 'back')),
  ended_at timestamptz,
  ended_by text,
  check ((end_kind is null) = (ended_at is null)),
  check (end_kind is distinct from 'closed' or answer <> ''),
  primary key (plan_id, number)
);
create unique index rollout_turn_open on rollout_turn (plan_id) where ended_at is null;
