-- Deployments, as the team's pipeline tells them, and what the gateway saw around each.

create table deployment (
  id uuid primary key default gen_random_uuid(),
  service_id uuid not null references service (id) on delete cascade,
  -- Given by the sender: the same deployment told twice is one.
  reference text not null check (length(reference) between 1 and 200),
  arm text not null check (arm in ('current', 'new')),
  environment text not null check (length(environment) between 1 and 60),
  version text not null check (length(version) between 1 and 200),
  changes text not null default '' check (length(changes) <= 4000),
  committed_at timestamptz,
  deployed_at timestamptz not null,
  outcome text not null check (outcome in ('succeeded', 'failed')),
  recorded_by text not null,
  -- Requests and failures of that arm in the half hour before and after; null until the half hour is over.
  effect jsonb,
  unique (service_id, reference)
);
create index deployment_time on deployment (service_id, deployed_at desc);
create index deployment_open on deployment (deployed_at) where effect is null;
