-- Ways to sign in besides password and mailed link: an issuer of OpenID Connect, and passkeys.

-- Who the issuer says somebody is. An address can change hands, a subject never does.
create table oidc_identity (
  issuer text not null check (length(issuer) <= 500),
  subject text not null check (length(subject) <= 255),
  account_id uuid not null references account (id) on delete cascade,
  -- As the issuer told it when it was added, so that the person knows which one it is.
  email text check (length(email) <= 254),
  added_at timestamptz not null,
  used_at timestamptz,
  primary key (issuer, subject)
);
create index oidc_identity_account on oidc_identity (account_id);

-- A sign-in that is under way at the issuer; it ends with the first answer. Nonce and verifier follow from the browser's own secret.
create table oidc_attempt (
  state_hash bytea primary key,
  browser_hash bytea not null,
  purpose text not null check (purpose in ('sign-in', 'add', 'confirm')),
  account_id uuid references account (id) on delete cascade,
  return_to text not null,
  created_at timestamptz not null,
  expires_at timestamptz not null
);
create index oidc_attempt_expiry on oidc_attempt (expires_at);

-- Somebody whom the issuer vouches for, and whose address is an account's: until they show that the account is theirs, they are nobody.
create table oidc_unproven (
  browser_hash bytea primary key,
  issuer text not null,
  subject text not null check (length(subject) <= 255),
  email text not null check (length(email) <= 254),
  account_id uuid not null references account (id) on delete cascade,
  -- Of the mailed link, once it was asked for.
  token_hash bytea unique,
  expires_at timestamptz not null
);
create index oidc_unproven_expiry on oidc_unproven (expires_at);

-- Somebody showed the issuer again who they are; waits for the form that asked for it.
create table oidc_confirmation (
  session_id uuid primary key references session (id) on delete cascade,
  confirmed_at timestamptz not null
);

-- Passkeys: the public half of a key that never leaves the person's device.
create table passkey (
  id text primary key check (length(id) <= 1400),
  account_id uuid not null references account (id) on delete cascade,
  public_key bytea not null,
  -- Counts up at each use where the device counts at all; one that falls back was copied.
  counter bigint not null,
  transports text[] not null,
  name text not null check (length(name) between 1 and 100),
  added_at timestamptz not null,
  used_at timestamptz
);
create index passkey_account on passkey (account_id);

-- What a device is asked to sign: once, within minutes, for one purpose, in one browser or by one session.
create table passkey_challenge (
  challenge_hash bytea primary key,
  purpose text not null check (purpose in ('sign-in', 'add', 'confirm')),
  -- The browser's own secret, or the session, hashed.
  holder_hash bytea not null,
  expires_at timestamptz not null
);
create index passkey_challenge_expiry on passkey_challenge (expires_at);
