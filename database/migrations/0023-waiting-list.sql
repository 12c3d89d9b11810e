-- The waiting list: what those who ask for a place are asked, what they answered, and who is not written to again.

alter table waiting add column id uuid;
alter table waiting alter column id set default gen_random_uuid();
create unique index waiting_id on waiting (id);
-- When the address was proven by its mail; empty for those who asked before that was done.
alter table waiting add column confirmed_at timestamptz;
-- Withdrew, or said no to an invitation.
alter table waiting add column left_at timestamptz;

-- Somebody asked, and the address is not proven yet: goes to the list when the link in the mail is used, and away after a week.
create table waiting_request (
  id uuid primary key default gen_random_uuid(),
  service_id uuid not null references service (id) on delete cascade,
  address text not null check (length(address) between 3 and 254),
  -- Texts by the id of their question.
  answers jsonb not null,
  -- Are answers about health and the like among them, and were they given for this use?
  agreed boolean not null,
  asked_at timestamptz not null,
  token_hash bytea unique,
  expires_at timestamptz not null
);
create index waiting_request_unmailed on waiting_request (asked_at) where token_hash is null;
create index waiting_request_address on waiting_request (service_id, lower(address));

-- The links by which people see and end what they asked for.
create table waiting_token (
  token_hash bytea primary key,
  waiting_id uuid not null references waiting (id) on delete cascade,
  made_at timestamptz not null
);
create index waiting_token_waiting on waiting_token (waiting_id);

create table screening_question (
  id uuid primary key default gen_random_uuid(),
  service_id uuid not null references service (id) on delete cascade,
  position integer not null,
  -- As the team calls it: “Region”. Columns of an imported list with the same name mean the same.
  name text not null check (length(name) between 1 and 60),
  question text not null check (length(question) between 1 and 300),
  hint text not null default '' check (length(hint) <= 300),
  kind text not null check (kind in ('text', 'choice', 'choices', 'yes-no')),
  options text[] not null default '{}',
  required boolean not null default false,
  -- Health, disability and the like: kept apart, never needed, only counted.
  special boolean not null default false,
  ended_at timestamptz,
  check (not (required and special))
);
create unique index screening_question_name on screening_question (service_id, lower(name)) where ended_at is null;

create table waiting_answer (
  waiting_id uuid not null references waiting (id) on delete cascade,
  question_id uuid not null references screening_question (id) on delete cascade,
  position smallint not null,
  value text not null check (length(value) between 1 and 500),
  primary key (waiting_id, question_id, position)
);
create table waiting_special_answer (
  waiting_id uuid not null references waiting (id) on delete cascade,
  question_id uuid not null references screening_question (id) on delete cascade,
  position smallint not null,
  value text not null check (length(value) between 1 and 500),
  agreed_at timestamptz not null,
  primary key (waiting_id, question_id, position)
);

-- How many people of a kind the team wants in.
create table quota (
  id uuid primary key default gen_random_uuid(),
  service_id uuid not null references service (id) on delete cascade,
  attribute text not null check (length(attribute) between 1 and 60),
  value text not null check (length(value) between 1 and 200),
  wanted integer not null check (wanted between 1 and 1000000)
);
create unique index quota_attribute on quota (service_id, lower(attribute), lower(value));

-- Who is not invited again: said no, left, was erased, or mails to the address came back.
create table suppression (
  id uuid primary key default gen_random_uuid(),
  service_id uuid not null references service (id) on delete cascade,
  -- A keyed hash of the address in lower case: of somebody who was erased nothing else is left.
  address_mac bytea not null,
  address text check (length(address) <= 254),
  reason text not null check (reason in ('declined', 'left', 'erased', 'bounced', 'asked')),
  at timestamptz not null,
  by_name text not null
);
create unique index suppression_address on suppression (service_id, address_mac);
create index suppression_service on suppression (service_id, at desc);

-- The person said no: the invitation is withdrawn, and by whom is known.
alter table invitation add column declined_at timestamptz;
