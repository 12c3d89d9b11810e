-- Features of a service: their flags, stages, and who gets them. A rule can let people in too.

create table feature (
  id uuid primary key default gen_random_uuid(),
  service_id uuid not null references service (id) on delete cascade,
  key text not null unique check (key ~ '^(release|plan|operations)-[a-z0-9]([a-z0-9-]{0,46}[a-z0-9])?$'),
  kind text not null check (kind in ('release', 'plan', 'operations') and starts_with(key, kind || '-')),
  name text not null check (length(name) between 1 and 100),
  -- For people who are not engineers.
  description text not null check (length(description) between 1 and 2000),
  applies_to text not null check (applies_to in ('new', 'both')),
  for_clients boolean not null,
  -- Values by the name of the variant.
  variants jsonb not null,
  on_variant text not null,
  off_variant text not null,
  -- [{ key, variant? }]
  requires jsonb not null default '[]',
  -- The stages chosen for it, and where it is; null for kinds without stages.
  stages text[],
  stage text,
  stage_since timestamptz,
  check ((kind = 'release') = (stage is not null) and (stage is null) = (stages is null)
    and (stage is null) = (stage_since is null)),
  is_on boolean not null default false,
  -- Thousandths of a percent.
  share integer not null check (share between 0 and 100000),
  salt text not null,
  -- Rules on attributes, as the snapshot carries them.
  rules jsonb not null default '[]',
  -- Grows with every change: who changes an older one than the present is told.
  version integer not null default 1,
  created_at timestamptz not null,
  created_by text not null,
  changed_at timestamptz not null,
  changed_by text not null,
  -- Of a release flag: since when everybody has had the feature.
  fully_on_since timestamptz,
  removal_asked_at timestamptz
);
create index feature_service on feature (service_id, created_at);
create index feature_fully_on on feature (fully_on_since) where removal_asked_at is null;

-- A key names one thing for those who ask for decisions: a service or a feature.
create function one_flag_a_key() returns trigger language plpgsql as $$
begin
  perform pg_advisory_xact_lock(hashtextextended('flag:' || new.key, 0));
  if tg_table_name = 'feature' and exists (select from service where key = new.key) then return null; end if;
  if tg_table_name = 'service' and exists (select from feature where key = new.key) then return null; end if;
  return new;
end $$;
create trigger feature_key before insert on feature for each row execute function one_flag_a_key();
create trigger service_key before insert on service for each row execute function one_flag_a_key();

create table feature_cohort (
  feature_id uuid not null references feature (id) on delete cascade,
  cohort_id uuid not null references cohort (id) on delete cascade,
  primary key (feature_id, cohort_id)
);
create index feature_cohort_cohort on feature_cohort (cohort_id);

create table feature_move (
  id bigint generated always as identity primary key,
  feature_id uuid not null references feature (id) on delete cascade,
  -- Null for where it began.
  from_stage text,
  to_stage text not null,
  at timestamptz not null,
  by_name text not null,
  reason text not null,
  -- Set where a key moved it: never silent.
  waiver text
);
create index feature_move_feature on feature_move (feature_id, at, id);

-- Whether a feature goes through a stage that it need not go through, and why.
create table stage_decision (
  id bigint generated always as identity primary key,
  feature_id uuid not null references feature (id) on delete cascade,
  stage text not null,
  takes boolean not null,
  reason text not null,
  at timestamptz not null,
  by_name text not null
);
create index stage_decision_feature on stage_decision (feature_id, at, id);

-- Who of those that have to agreed that a flag goes.
create table removal_confirmation (
  feature_id uuid not null references feature (id) on delete cascade,
  role text not null,
  account_id uuid references account (id) on delete set null,
  by_name text not null,
  at timestamptz not null,
  primary key (feature_id, role)
);

-- What the teams are told of a change that has no flag.
create table change_notice (
  id uuid primary key default gen_random_uuid(),
  service_id uuid not null references service (id) on delete cascade,
  title text not null check (length(title) between 1 and 100),
  body text not null check (length(body) between 1 and 2000),
  at timestamptz not null,
  by_name text not null
);
create index change_notice_service on change_notice (service_id, at desc, id);

alter table admission drop constraint admission_rung_check,
  add constraint admission_rung_check
    check (rung in ('preview', 'staff', 'invited', 'join', 'rules', 'share')) not valid;
