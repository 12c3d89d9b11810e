-- What is told to other systems: who wants to hear what, what is on its way, and what was tried.

create table webhook (
  id uuid primary key default gen_random_uuid(),
  -- Null: of the whole installation.
  service_id uuid references service (id) on delete cascade,
  kind text not null check (kind in ('standard', 'chat')),
  url text not null check (length(url) <= 2000),
  description text not null check (length(description) between 1 and 200),
  events text[] not null check (cardinality(events) between 1 and 100),
  state text not null check (state in ('active', 'paused', 'failing')),
  -- Sealed with a key that is not in the database. The one before signs too, until the receiver has changed over.
  secret text not null,
  secret_before text,
  secret_before_until timestamptz,
  created_at timestamptz not null,
  failing_since timestamptz
);
create index webhook_service on webhook (service_id);

create table webhook_message (
  id uuid primary key default gen_random_uuid(),
  webhook_id uuid not null references webhook (id) on delete cascade,
  type text not null,
  payload text not null,
  created_at timestamptz not null,
  state text not null check (state in ('waiting', 'delivered', 'failed')),
  tries integer not null default 0,
  next_try_at timestamptz not null
);
create index webhook_message_due on webhook_message (next_try_at) where state = 'waiting';
create index webhook_message_log on webhook_message (webhook_id, created_at desc);
create index webhook_message_age on webhook_message (created_at);

create table webhook_attempt (
  id bigint generated always as identity primary key,
  message_id uuid not null references webhook_message (id) on delete cascade,
  at timestamptz not null,
  took_ms integer not null,
  -- Null where no answer came.
  status integer,
  problem text,
  -- The beginning of what was answered.
  answer text not null
);
create index webhook_attempt_message on webhook_attempt (message_id, at desc);
