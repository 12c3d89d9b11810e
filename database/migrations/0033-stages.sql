-- What a product team does in the stages of a feature, beside the verdicts at its gates: whether a beta is worth it, that it
-- is ready, what was planned and announced, and who tried it.

create table beta_decision (
  id bigint generated always as identity primary key,
  feature_id uuid not null references feature (id) on delete cascade,
  takes boolean not null,
  -- Which of the five reasons speak for a beta.
  reasons text[] not null,
  reason text not null check (length(reason) between 1 and 2000),
  -- Decided with both, each by name.
  growth_account uuid references account (id) on delete set null,
  growth_name text not null,
  support_account uuid references account (id) on delete set null,
  support_name text not null,
  at timestamptz not null,
  by_name text not null
);
create index beta_decision_feature on beta_decision (feature_id, at desc, id desc);

-- “Ready for beta”: asked by the builder, acknowledged by Growth and Support.
create table beta_request (
  id uuid primary key default gen_random_uuid(),
  feature_id uuid not null references feature (id) on delete cascade,
  note text not null check (length(note) between 1 and 2000),
  at timestamptz not null,
  by_name text not null
);
create index beta_request_feature on beta_request (feature_id, at desc);
create table beta_acknowledgement (
  request_id uuid not null references beta_request (id) on delete cascade,
  role text not null check (role in ('growth', 'support')),
  account_id uuid references account (id) on delete set null,
  by_name text not null,
  at timestamptz not null,
  primary key (request_id, role)
);

-- That the stages were talked about in planning; what counts is when it was recorded, not the day that it names.
create table planning_record (
  id bigint generated always as identity primary key,
  feature_id uuid not null references feature (id) on delete cascade,
  talked_on date not null,
  note text not null check (length(note) between 1 and 2000),
  at timestamptz not null,
  by_name text not null
);
create index planning_record_feature on planning_record (feature_id, at);

create table stage_announcement (
  id bigint generated always as identity primary key,
  feature_id uuid not null references feature (id) on delete cascade,
  stage text not null,
  body text not null check (length(body) between 1 and 2000),
  public_on date not null,
  at timestamptz not null,
  by_name text not null
);
create index stage_announcement_feature on stage_announcement (feature_id, at desc);

create table stage_tester (
  id uuid primary key default gen_random_uuid(),
  feature_id uuid not null references feature (id) on delete cascade,
  account_id uuid references account (id) on delete set null,
  name text not null,
  task text not null check (length(task) between 1 and 500),
  at timestamptz not null,
  by_name text not null,
  result text check (result in ('works', 'fails')),
  note text not null default '' check (length(note) <= 2000),
  result_at timestamptz,
  check ((result is null) = (result_at is null))
);
create index stage_tester_feature on stage_tester (feature_id, at);

create table preview_viewer (
  id uuid primary key default gen_random_uuid(),
  feature_id uuid not null references feature (id) on delete cascade,
  name text not null check (length(name) between 1 and 100),
  address text not null check (length(address) between 3 and 320),
  is_outsider boolean not null,
  -- Why somebody outside the company gets a link all the same.
  exception text check (length(exception) between 1 and 2000),
  at timestamptz not null,
  by_name text not null,
  verdict text check (verdict in ('yes', 'no')),
  comment text not null default '' check (length(comment) <= 2000),
  verdict_at timestamptz,
  verdict_by text,
  check (not is_outsider or exception is not null),
  check ((verdict is null) = (verdict_at is null))
);
create index preview_viewer_feature on preview_viewer (feature_id, at);
