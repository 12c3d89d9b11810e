-- Accounts, sessions, keys, audit, mails, notifications, jobs: what knows no domain.

create table account (
  id uuid primary key default gen_random_uuid(),
  email text not null check (length(email) <= 254),
  name text not null check (length(name) between 1 and 200),
  installation text not null check (installation in ('owner', 'member')),
  password_hash text,
  created_at timestamptz not null,
  disabled_at timestamptz
);
create unique index account_email on account (lower(email));

-- One-time links: for the first person, for signing in, for a colleague who joins. Only the hash is kept.
create table sign_in_link (
  token_hash bytea primary key,
  purpose text not null check (purpose in ('first-person', 'sign-in', 'join')),
  account_id uuid references account (id) on delete cascade,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  used_at timestamptz
);

create table session (
  id uuid primary key default gen_random_uuid(),
  token_hash bytea not null unique,
  account_id uuid not null references account (id) on delete cascade,
  created_at timestamptz not null,
  seen_at timestamptz not null,
  expires_at timestamptz not null
);
create index session_account on session (account_id);

create table membership (
  account_id uuid not null references account (id) on delete cascade,
  service_id uuid not null,
  role text not null,
  since timestamptz not null,
  -- What shows that the person is suitably skilled for it: training, experience, a link.
  skills text not null default '' check (length(skills) <= 1000),
  primary key (account_id, service_id, role)
);
create index membership_service on membership (service_id);
create unique index one_service_manager on membership (service_id) where role = 'service-manager';

create table api_key (
  id uuid primary key default gen_random_uuid(),
  name text not null check (length(name) between 1 and 200),
  kind text not null check (kind in ('server', 'client', 'admin', 'gateway')),
  service_id uuid,
  secret_hash bytea not null unique,
  hint text not null,
  created_at timestamptz not null,
  created_by uuid references account (id) on delete set null,
  revoked_at timestamptz
);

create table audit (
  id bigint generated always as identity primary key,
  at timestamptz not null,
  service_id uuid,
  actor_kind text not null,
  actor_id text,
  actor_name text not null,
  action text not null,
  summary text not null,
  reason text,
  subject text,
  detail jsonb,
  request_id text not null
);
create index audit_service on audit (service_id, at desc, id desc);

create function audit_is_append_only() returns trigger language plpgsql as $$
begin
  raise exception 'audit is append-only';
end $$;
create trigger audit_append_only before update or delete on audit for each row execute function audit_is_append_only();
create trigger audit_no_truncate before truncate on audit for each statement execute function audit_is_append_only();

create table mail_outbox (
  id bigint generated always as identity primary key,
  recipient text not null,
  subject text not null,
  body text not null,
  created_at timestamptz not null,
  tries integer not null default 0,
  next_try_at timestamptz,
  sent_at timestamptz
);
create index mail_outbox_due on mail_outbox (next_try_at) where sent_at is null;

create table notification (
  id uuid primary key default gen_random_uuid(),
  account_id uuid not null references account (id) on delete cascade,
  service_id uuid,
  title text not null,
  body text not null,
  href text not null,
  needs_acknowledgement boolean not null default false,
  created_at timestamptz not null,
  seen_at timestamptz,
  acknowledged_at timestamptz
);
create index notification_account on notification (account_id, created_at desc);

create table job_run (
  name text primary key,
  started_at timestamptz not null
);
