-- OPS-5, OPS-6: the organisations that live with a service, what each has ready, and what people did that nobody foresaw.
create table partner (
  id uuid primary key default gen_random_uuid(),
  service_id uuid not null references service (id) on delete cascade,
  name text not null check (length(name) between 1 and 200),
  does text not null check (length(does) between 1 and 500),
  added_at timestamptz not null,
  added_by text not null,
  ended_at timestamptz,
  ended_by text,
  ended_because text check (length(ended_because) between 1 and 500)
);
create unique index partner_name on partner (service_id, lower(name)) where ended_at is null;

-- What an organisation said of itself. The last one said holds; those before stay.
create table partner_readiness (
  id bigint generated always as identity primary key,
  partner_id uuid not null references partner (id) on delete cascade,
  state text not null check (state in ('ready', 'partly', 'not-yet')),
  prepared text not null check (length(prepared) between 1 and 2000),
  said_by text not null check (length(said_by) between 1 and 200),
  said_on date not null,
  recorded_at timestamptz not null,
  recorded_by text not null
);
create index partner_readiness_partner on partner_readiness (partner_id, said_on, id);

create table unexpected_use (
  id uuid primary key default gen_random_uuid(),
  service_id uuid not null references service (id) on delete cascade,
  partner_id uuid references partner (id) on delete set null,
  seen text not null check (length(seen) between 1 and 2000),
  seen_on date not null,
  seen_by text not null check (length(seen_by) between 1 and 200),
  logged_at timestamptz not null,
  logged_by text not null,
  response text check (length(response) between 1 and 2000),
  responded_at timestamptz,
  responded_by text
);
create index unexpected_use_service on unexpected_use (service_id, seen_on);
