-- Measures: events as they came, what follows from them, and figures summed by UTC hour.
-- Everything below `event` is kept in the same transaction as the event itself; pages read the sums only.

-- One partition per UTC day, made ahead by a job and on demand (event_partition below). No index: nothing that a person
-- waits for reads this table. No foreign key either: it would cost more than the insert; a trigger cleans up instead.
create table event (
  service_id uuid not null,
  id text not null,
  time timestamptz not null,
  received_at timestamptz not null,
  name text not null,
  journey text,
  step text,
  outcome text,
  transaction text,
  unit text,
  channel text,
  arm text,
  device text,
  flags json,
  properties json
) partition by range (time);

-- What makes an id count once, whatever its time says: a digest of service and id.
create table event_seen (
  key uuid primary key,
  service_id uuid not null,
  -- UTC day since 1970
  day integer not null
);

create function event_partition(wanted date) returns void language plpgsql as $$
declare
  name text := 'event_' || to_char(wanted, 'YYYYMMDD');
begin
  if to_regclass(name) is not null then return; end if;
  -- Two processes may want the same day at once. Attaching, unlike creating in place, lets inserts go on meanwhile.
  perform pg_advisory_xact_lock(hashtextextended('event_partition', 0));
  -- Asked of the table itself: to_regclass may remember its answer from before the wait.
  if exists (select from pg_class where relname = name and relnamespace = current_schema()::regnamespace) then return; end if;
  execute format('create table %I (like event including defaults)', name);
  execute format('alter table event attach partition %I for values from (%L) to (%L)', name,
    to_char(wanted, 'YYYY-MM-DD') || ' 00:00:00+00', to_char(wanted + 1, 'YYYY-MM-DD') || ' 00:00:00+00');
end $$;

-- One application from start to end. Each column is the earliest time of its kind, so that the order of arrival is no matter.
create table journey_transaction (
  service_id uuid not null,
  journey text collate "C" not null,
  id text collate "C" not null,
  first_at timestamptz not null,
  started_at timestamptz,
  -- of the start: the assigned arm, whether the person is of the team (rungs preview and staff), the limit of a saved one
  arm text,
  audience text,
  open_ms double precision,
  completed_at timestamptz,
  refused_at timestamptz,
  failed_at timestamptz,
  steps text[] not null default '{}',
  primary key (service_id, journey, id)
);
create index journey_transaction_first_at on journey_transaction using brin (first_at);

-- Sums by UTC hour. Applications stand at the hour of their start and under the assigned arm; pages, errors and
-- requests at their own hour and under the arm that served them.
create table measure_hour (
  service_id uuid not null references service (id) on delete cascade,
  hour timestamptz not null,
  journey text not null,
  arm text not null,
  audience text not null,
  starts bigint not null default 0,
  completed bigint not null default 0,
  refused bigint not null default 0,
  failed bigint not null default 0,
  pages bigint not null default 0,
  errors bigint not null default 0,
  failed_pages bigint not null default 0,
  server_errors bigint not null default 0,
  requests bigint not null default 0,
  failed_requests bigint not null default 0,
  primary key (service_id, hour, journey, arm, audience)
);

-- Times to complete: buckets of a logarithmic sketch (DDSketch), mergeable by sum.
create table duration_hour (
  service_id uuid not null references service (id) on delete cascade,
  hour timestamptz not null,
  journey text not null,
  arm text not null,
  audience text not null,
  bucket integer not null,
  n bigint not null,
  primary key (service_id, hour, journey, arm, audience, bucket)
);

-- How many of the applications started in that hour reached a step.
create table step_hour (
  service_id uuid not null references service (id) on delete cascade,
  hour timestamptz not null,
  journey text not null,
  step text not null,
  arm text not null,
  audience text not null,
  reached bigint not null,
  primary key (service_id, hour, journey, step, arm, audience)
);

-- When each start, step and ending was last really served.
create table page_seen (
  service_id uuid not null references service (id) on delete cascade,
  journey text not null,
  kind text not null,
  page text not null,
  arm text not null,
  audience text not null,
  first_at timestamptz not null,
  last_at timestamptz not null,
  n bigint not null,
  -- when it last carried the phase banner, the feedback link, and the five-point question itself
  banner_at timestamptz,
  feedback_at timestamptz,
  question_at timestamptz,
  primary key (service_id, journey, kind, page, arm, audience)
);

-- People with an identifier that may be kept, each counted once per arm.
create table unit_seen (
  service_id uuid not null references service (id) on delete cascade,
  arm text not null,
  audience text not null,
  unit text not null,
  first_at timestamptz not null,
  last_at timestamptz not null,
  primary key (service_id, arm, unit)
);
create index unit_seen_first_at on unit_seen (service_id, arm, first_at);
create index unit_seen_last_at on unit_seen (service_id, arm, last_at);

-- Visitors of one day: the hash changes daily, so two days cannot be added up.
create table visitor_seen (
  service_id uuid not null references service (id) on delete cascade,
  day date not null,
  arm text not null,
  visitor text not null,
  primary key (service_id, day, arm, visitor)
);
create table visitor_day (
  service_id uuid not null references service (id) on delete cascade,
  day date not null,
  arm text not null,
  n bigint not null,
  primary key (service_id, day, arm)
);

-- Who was assigned what, by which rung, and what answered.
create table exposure (
  service_id uuid not null references service (id) on delete cascade,
  unit text not null,
  rollout_version bigint not null,
  assigned text not null,
  served text not null,
  rung text not null,
  slice text not null,
  first_at timestamptz not null,
  last_at timestamptz not null,
  primary key (service_id, unit, rollout_version, assigned, served, rung, slice)
);
create table exposure_hour (
  service_id uuid not null references service (id) on delete cascade,
  hour timestamptz not null,
  rollout_version bigint not null,
  assigned text not null,
  served text not null,
  rung text not null,
  slice text not null,
  n bigint not null,
  primary key (service_id, hour, rollout_version, assigned, served, rung, slice)
);

-- The five answers to the satisfaction question, as counts: who said it stays with feedback.
create table rating_hour (
  service_id uuid not null references service (id) on delete cascade,
  hour timestamptz not null,
  journey text not null,
  ending text not null,
  arm text not null,
  r1 bigint not null default 0,
  r2 bigint not null default 0,
  r3 bigint not null default 0,
  r4 bigint not null default 0,
  r5 bigint not null default 0,
  primary key (service_id, hour, journey, ending, arm)
);

-- When anything last came in, by name: what a data check and the checklist read.
create table event_source (
  service_id uuid not null references service (id) on delete cascade,
  name text not null,
  first_at timestamptz not null,
  last_at timestamptz not null,
  received_at timestamptz not null,
  n bigint not null,
  primary key (service_id, name)
);

-- A change of formula is a new version from a day on; the row of version 1 is the built-in one and is not stored.
create table kpi_definition (
  service_id uuid not null references service (id) on delete cascade,
  kpi text not null,
  version integer not null check (version > 1),
  formula text not null,
  from_at timestamptz not null,
  changed_at timestamptz not null,
  changed_by text not null,
  reason text not null,
  primary key (service_id, kpi, version)
);

create table kpi_target (
  service_id uuid not null references service (id) on delete cascade,
  kpi text not null,
  target double precision not null,
  set_at timestamptz not null,
  set_by text not null,
  primary key (service_id, kpi)
);

-- The nightly comparison of the sums with the applications themselves.
create table kpi_check (
  service_id uuid not null references service (id) on delete cascade,
  kpi text not null,
  checked_at timestamptz not null,
  passed boolean not null,
  says text not null,
  primary key (service_id, kpi)
);

create function forget_events_of_service() returns trigger language plpgsql as $$
begin
  delete from event where service_id = old.id;
  delete from event_seen where service_id = old.id;
  delete from journey_transaction where service_id = old.id;
  return old;
end $$;
create trigger service_forgets_events after delete on service
  for each row execute function forget_events_of_service();
