-- Services, their phases and journeys.

create table service (
  id uuid primary key default gen_random_uuid(),
  key text not null unique check (key ~ '^[a-z0-9]([a-z0-9-]{0,58}[a-z0-9])?$'),
  name text not null check (length(name) between 1 and 200),
  summary text not null default '' check (length(summary) <= 2000),
  door text not null check (door in ('gateway', 'link', 'application')),
  host text,
  new_url text not null,
  current_url text,
  contact text not null default '' check (length(contact) <= 500),
  time_zone text not null,
  example boolean not null default false,
  phase text not null,
  phase_since timestamptz not null,
  created_at timestamptz not null
);

create table phase_move (
  id bigint generated always as identity primary key,
  service_id uuid not null references service (id) on delete cascade,
  from_phase text,
  to_phase text not null,
  at timestamptz not null,
  by_name text not null,
  by_account uuid,
  reason text not null,
  -- Set where phases were skipped or a key moved it: never silent.
  waiver text
);
create index phase_move_service on phase_move (service_id, at desc, id desc);

create table journey (
  service_id uuid not null references service (id) on delete cascade,
  id text not null check (id ~ '^[a-z0-9][a-z0-9-]{0,59}$'),
  position integer not null,
  name text not null,
  savable boolean not null default false,
  open_days integer not null default 30 check (open_days between 1 and 400),
  -- { start: { patterns }, steps: [...], endings: [...] }: read and written whole.
  points jsonb not null,
  changed_at timestamptz not null,
  primary key (service_id, id)
);

-- Somebody walks the journey once in the browser; the gateway tells which pages were seen.
create table walk (
  id uuid primary key default gen_random_uuid(),
  service_id uuid not null references service (id) on delete cascade,
  code_hash bytea not null unique,
  account_id uuid not null references account (id) on delete cascade,
  started_at timestamptz not null,
  expires_at timestamptz not null,
  ended_at timestamptz
);
create table walk_page (
  id bigint generated always as identity primary key,
  walk_id uuid not null references walk (id) on delete cascade,
  at timestamptz not null,
  arm text not null,
  method text not null,
  path text not null,
  status integer not null,
  title text not null default ''
);
create index walk_page_walk on walk_page (walk_id, id);
