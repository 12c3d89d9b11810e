-- Codes: one that many share, or one a person, to read out or to print in a letter.

create table invitation_code (
  id uuid primary key default gen_random_uuid(),
  service_id uuid not null references service (id) on delete cascade,
  cohort_id uuid references cohort (id) on delete set null,
  kind text not null check (kind in ('shared', 'letter')),
  -- Where a shared one hangs, or for whom a letter is.
  name text not null check (length(name) between 1 and 100),
  -- Whom it lets in as: `staff` only with a domain.
  rung text not null default 'invited' check (rung in ('invited', 'staff')),
  code_mac bytea not null,
  most_uses integer not null check (most_uses between 1 and 1000000),
  used integer not null default 0 check (used >= 0 and used <= most_uses),
  domain text check (length(domain) between 3 and 253),
  created_at timestamptz not null,
  created_by text not null,
  expires_at timestamptz not null,
  revoked_at timestamptz,
  check (rung = 'invited' or domain is not null)
);
create unique index invitation_code_mac on invitation_code (code_mac);
create index invitation_code_service on invitation_code (service_id, created_at desc);

create table code_use (
  id uuid primary key default gen_random_uuid(),
  code_id uuid not null references invitation_code (id) on delete cascade,
  unit text not null check (length(unit) = 22),
  at timestamptz not null,
  -- Of the form: its repeat within ten minutes is the same act.
  nonce_hash bytea not null
);
create unique index code_use_nonce on code_use (code_id, nonce_hash);

-- A code that is for addresses of one domain: the link in the mail proves the address.
create table code_request (
  token_hash bytea primary key,
  code_id uuid not null references invitation_code (id) on delete cascade,
  address text not null check (length(address) <= 254),
  at timestamptz not null,
  expires_at timestamptz not null
);
create index code_request_address on code_request (lower(address));
