-- Invitations by the dozen: drawn from the waiting list or read from a list, shown first, then sent bit by bit.

create table invitation_batch (
  id uuid primary key default gen_random_uuid(),
  service_id uuid not null references service (id) on delete cascade,
  cohort_id uuid references cohort (id) on delete set null,
  name text not null check (length(name) between 1 and 100),
  source text not null check (source in ('waiting-list', 'list')),
  state text not null check (state in ('reading', 'draft', 'sending', 'paused', 'done', 'ended')),
  created_at timestamptz not null,
  created_by text not null,
  -- How it was drawn: method, seed, filters, quotas, and from how many.
  draw jsonb,
  over_invite boolean not null default false,
  days integer not null default 14 check (days between 1 and 90),
  begins_at timestamptz,
  -- Hours of the day and days of the week (1 is Monday) in the time zone of the service.
  from_hour smallint not null default 0 check (from_hour between 0 and 23),
  to_hour smallint not null default 24 check (to_hour between 1 and 24),
  weekdays smallint[] not null default '{1,2,3,4,5,6,7}',
  per_hour integer check (per_hour between 1 and 1000000),
  paused_why text,
  paused_by text,
  paused_at timestamptz,
  started_at timestamptz,
  done_at timestamptz
);
create index invitation_batch_service on invitation_batch (service_id, created_at desc);
create index invitation_batch_sending on invitation_batch (created_at) where state = 'sending';

-- One row for each line of a list, or each person drawn: what became of it.
create table batch_person (
  batch_id uuid not null references invitation_batch (id) on delete cascade,
  position integer not null,
  address text check (length(address) <= 254),
  -- What stood there, where it is no address.
  line text not null default '' check (length(line) <= 300),
  attributes jsonb,
  outcome text not null,
  invitation_id uuid references invitation (id) on delete set null,
  done_at timestamptz,
  primary key (batch_id, position)
);
create unique index batch_person_once on batch_person (batch_id, lower(address))
  where outcome not in ('repeated', 'not-an-address', 'not-readable');
create index batch_person_queued on batch_person (batch_id, position) where outcome = 'queued';
create index batch_person_sent on batch_person (batch_id, done_at) where outcome = 'invited';
create index batch_person_address on batch_person (lower(address));

-- What a list said of somebody who was invited by it.
alter table invitation add column attributes jsonb;
-- The most people of a group who can be in.
alter table cohort add column cap integer;

-- When sending stops by itself, and whom it may reach.
create table sending_rule (
  service_id uuid primary key references service (id) on delete cascade,
  unanswered_limit integer check (unanswered_limit between 1 and 1000000),
  -- Only people of whom this is known: `Region` in `{North,East}`.
  only_attribute text check (length(only_attribute) <= 60),
  only_values text[] not null default '{}'
);

-- The first time somebody completed something, of people whose unit may enter the figures.
alter table unit_seen add column completed_at timestamptz;
