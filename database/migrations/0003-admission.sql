-- Who gets in: the rollout of each service, invitations, the people, the ledger, choices, removals, halts, signing keys.

create table rollout (
  service_id uuid primary key references service (id) on delete cascade,
  -- Thousandths of a percent.
  share integer not null default 0 check (share between 0 and 100000),
  salt text not null,
  -- Grows with every change by the team.
  version bigint not null default 1,
  cap integer check (cap between 0 and 100000000),
  -- Admissions in force that take a place. Changed in the same transaction as the ledger, under this row's lock.
  taken integer not null default 0 check (taken >= 0),
  join_open boolean not null default false
);

create function service_gets_rollout() returns trigger language plpgsql as $$
begin
  insert into rollout (service_id, salt) values (new.id, replace(gen_random_uuid()::text, '-', ''));
  return new;
end $$;
create trigger service_rollout after insert on service for each row execute function service_gets_rollout();
insert into rollout (service_id, salt) select id, replace(gen_random_uuid()::text, '-', '') from service;

create table cohort (
  id uuid primary key default gen_random_uuid(),
  service_id uuid not null references service (id) on delete cascade,
  name text not null check (length(name) between 1 and 100),
  created_at timestamptz not null
);
create unique index cohort_name on cohort (service_id, lower(name));

-- A person who takes part, on all devices. The account is set for members of the installation.
create table participant (
  id uuid primary key default gen_random_uuid(),
  service_id uuid not null references service (id) on delete cascade,
  address text check (length(address) <= 254),
  unit text not null check (length(unit) = 22),
  cohort_id uuid references cohort (id) on delete set null,
  account_id uuid references account (id) on delete set null,
  consents jsonb not null default '{}',
  created_at timestamptz not null
);
create unique index participant_address on participant (service_id, lower(address));
create unique index participant_unit on participant (service_id, unit);
create unique index participant_account on participant (service_id, account_id);

create table participant_device (
  id uuid primary key default gen_random_uuid(),
  participant_id uuid not null references participant (id) on delete cascade,
  name text not null,
  since timestamptz not null
);
create index participant_device_participant on participant_device (participant_id);

create table invitation (
  id uuid primary key default gen_random_uuid(),
  service_id uuid not null references service (id) on delete cascade,
  cohort_id uuid references cohort (id) on delete set null,
  address text not null check (length(address) <= 254),
  state text not null check (state in ('sent', 'accepted', 'revoked')),
  -- False where more people were invited than there were places.
  holds_place boolean not null,
  sent_at timestamptz not null,
  sent_by text not null,
  expires_at timestamptz not null,
  resent integer not null default 0,
  accepted_at timestamptz,
  -- Of the form that accepted: its repeat within ten minutes is the same act.
  nonce_hash bytea,
  participant_id uuid references participant (id) on delete set null
);
create index invitation_service on invitation (service_id, sent_at desc, id);
create index invitation_open on invitation (service_id, expires_at) where state = 'sent';
create unique index invitation_one_open on invitation (service_id, lower(address)) where state = 'sent';

-- Every token ever sent, as a hash: an old link can say what became of it.
create table invitation_token (
  token_hash bytea primary key,
  invitation_id uuid not null references invitation (id) on delete cascade,
  made_at timestamptz not null,
  ended_at timestamptz
);
create index invitation_token_invitation on invitation_token (invitation_id);

-- The ledger. A row is an admission; it is never changed but for its end.
create table admission (
  id bigint generated always as identity primary key,
  service_id uuid not null references service (id) on delete cascade,
  unit text not null check (length(unit) between 1 and 256),
  rung text not null check (rung in ('preview', 'staff', 'invited', 'join', 'share')),
  at timestamptz not null,
  by_name text not null,
  participant_id uuid references participant (id) on delete set null,
  -- Of a unit that the share let in: where the present share would not, it is carried.
  bucket integer,
  left_at timestamptz
);
create unique index admission_in_force on admission (service_id, unit) where left_at is null;
create index admission_service on admission (service_id, at);
create index admission_bucket on admission (service_id, bucket) where left_at is null and rung = 'share';

create table choice (
  service_id uuid not null references service (id) on delete cascade,
  unit text not null,
  value text not null check (value in ('current', 'new')),
  at timestamptz not null,
  primary key (service_id, unit)
);
create index choice_current on choice (service_id) where value = 'current';

create table removal (
  id uuid primary key default gen_random_uuid(),
  service_id uuid not null references service (id) on delete cascade,
  unit text not null,
  at timestamptz not null,
  by_name text not null,
  reason text not null,
  lifted_at timestamptz
);
create unique index removal_in_force on removal (service_id, unit) where lifted_at is null;

create table halt (
  id uuid primary key,
  service_id uuid not null references service (id) on delete cascade,
  at timestamptz not null,
  by_name text not null,
  reason text not null default '',
  ended_at timestamptz,
  ended_by text,
  end_reason text
);
create unique index halt_in_force on halt (service_id) where ended_at is null;

create table waiting (
  service_id uuid not null references service (id) on delete cascade,
  address text not null check (length(address) <= 254),
  at timestamptz not null,
  invited_at timestamptz
);
create unique index waiting_address on waiting (service_id, lower(address));
create index waiting_next on waiting (service_id, at) where invited_at is null;

create table preview_link (
  id uuid primary key default gen_random_uuid(),
  service_id uuid not null references service (id) on delete cascade,
  name text not null check (length(name) between 1 and 100),
  token_hash bytea not null unique,
  created_at timestamptz not null,
  created_by text not null,
  expires_at timestamptz not null,
  revoked_at timestamptz
);
create index preview_link_service on preview_link (service_id, created_at);

-- Single-use, one minute: from a team page to the service's own host.
create table enter_code (
  code_hash bytea primary key,
  service_id uuid not null references service (id) on delete cascade,
  unit text not null,
  expires_at timestamptz not null
);

-- The newest signs, both verify.
create table signing_key (
  kid text primary key check (kid ~ '^[A-Za-z0-9_-]{1,32}$'),
  secret text not null,
  created_at timestamptz not null
);

-- Is the current service well? Checks of each hour, and the last one.
create table legacy_check (
  service_id uuid not null references service (id) on delete cascade,
  hour timestamptz not null,
  checks integer not null default 0,
  passed integer not null default 0,
  last_at timestamptz not null,
  last_passed boolean not null,
  last_problem text,
  primary key (service_id, hour)
);
