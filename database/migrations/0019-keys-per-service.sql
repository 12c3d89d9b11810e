-- ADM-33: what signs for a service is derived from one of these.
create table root_key (
  kid text primary key check (kid ~ '^[A-Za-z0-9_-]{1,32}$'),
  secret text not null,
  created_at timestamptz not null
);

-- What signed for all services until now only verifies from here on. The release before goes on signing with it while it still
-- runs beside this one, and may store another.
alter table signing_key add column set_aside_at timestamptz not null default now();
