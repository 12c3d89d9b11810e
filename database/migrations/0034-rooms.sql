-- The beta of a feature: a room for testers and team, what the team wants to learn, and what people allow to be quoted.

create table beta_room (
  feature_id uuid primary key references feature (id) on delete cascade,
  service_id uuid not null references service (id) on delete cascade,
  -- What testers read first.
  welcome text not null check (length(welcome) between 1 and 2000),
  -- Who answers the testers, and is reminded until the stage ends.
  builder_id uuid references account (id) on delete set null,
  opened_at timestamptz not null,
  opened_by text not null,
  closed_at timestamptz,
  reminded_at timestamptz
);
create index beta_room_service on beta_room (service_id);

create table room_member (
  id uuid primary key default gen_random_uuid(),
  feature_id uuid not null references beta_room (feature_id) on delete cascade,
  service_id uuid not null references service (id) on delete cascade,
  participant_id uuid references participant (id) on delete set null,
  unit text not null check (length(unit) between 1 and 256),
  -- “Tester 3”, where no name was given.
  number integer not null,
  name text check (length(name) between 1 and 60),
  mails text not null check (mails in ('all', 'answers', 'none')),
  -- Since when the team may see how often this person uses the feature.
  usage_since timestamptz,
  joined_at timestamptz not null,
  mailed_at timestamptz,
  unique (feature_id, number)
);
create unique index room_member_unit on room_member (feature_id, unit);
create unique index room_member_participant on room_member (feature_id, participant_id);
create index room_member_person on room_member (service_id, participant_id);

-- A link of its own in each mail; each is good for a while.
create table room_token (
  token_hash bytea primary key,
  member_id uuid not null references room_member (id) on delete cascade,
  expires_at timestamptz not null
);
create index room_token_member on room_token (member_id);
create index room_token_end on room_token (expires_at);

create table room_message (
  id uuid primary key default gen_random_uuid(),
  arrival bigint generated always as identity,
  feature_id uuid not null references beta_room (feature_id) on delete cascade,
  service_id uuid not null references service (id) on delete cascade,
  at timestamptz not null,
  -- The message that began what this one belongs to.
  answers_id uuid references room_message (id) on delete cascade,
  kind text check (kind in ('experience', 'suggestion', 'feedback')),
  from_team boolean not null,
  member_id uuid references room_member (id) on delete set null,
  account_id uuid references account (id) on delete set null,
  -- Of the team; a tester's name is the member's.
  by_name text not null,
  text text not null check (length(text) between 1 and 4000),
  -- The sender's own id: the same message sent twice is one.
  sent_id text not null check (length(sent_id) between 1 and 100),
  -- What a tester began is settled once the team answered it, or said that it needs no answer.
  settled_at timestamptz,
  settled_by text,
  feedback_reference text,
  mailed_at timestamptz,
  unique (feature_id, sent_id)
);
create index room_message_feature on room_message (feature_id, arrival);
create index room_message_answers on room_message (answers_id);
create index room_message_member on room_message (member_id);
create index room_message_open on room_message (feature_id, at) where settled_at is null and answers_id is null and not from_team;
create index room_message_to_mail on room_message (arrival) where mailed_at is null;

-- How far somebody of the team has read, and whether each message is mailed.
create table room_seat (
  feature_id uuid not null references beta_room (feature_id) on delete cascade,
  account_id uuid not null references account (id) on delete cascade,
  read_to bigint not null default 0,
  mails boolean not null default false,
  primary key (feature_id, account_id)
);

-- Of those who agreed, and since they did.
create table room_usage (
  member_id uuid not null references room_member (id) on delete cascade,
  day date not null,
  uses integer not null,
  last_at timestamptz not null,
  primary key (member_id, day)
);

create table beta_unknown (
  id uuid primary key default gen_random_uuid(),
  feature_id uuid not null references feature (id) on delete cascade,
  question text not null check (length(question) between 1 and 500),
  asked_at timestamptz not null,
  asked_by text not null,
  answer text check (length(answer) between 1 and 2000),
  answered_at timestamptz,
  answered_by text
);
create index beta_unknown_feature on beta_unknown (feature_id, asked_at);

-- Did we misread the need? The last answer holds.
create table need_check (
  id bigint generated always as identity primary key,
  feature_id uuid not null references feature (id) on delete cascade,
  answer text not null check (answer in ('hit', 'partly', 'missed')),
  because text not null check (length(because) between 1 and 2000),
  at timestamptz not null,
  by_name text not null
);
create index need_check_feature on need_check (feature_id, id);

create table beta_defect (
  id uuid primary key default gen_random_uuid(),
  feature_id uuid not null references feature (id) on delete cascade,
  title text not null check (length(title) between 1 and 200),
  severity text not null check (severity in ('critical', 'major', 'minor')),
  found_in text not null,
  introduced_in text not null,
  link text check (length(link) between 1 and 500),
  found_at timestamptz not null,
  found_by text not null,
  closed_at timestamptz,
  closed_by text
);
create index beta_defect_feature on beta_defect (feature_id, found_at);

create table testimonial (
  id uuid primary key default gen_random_uuid(),
  feature_id uuid not null references feature (id) on delete cascade,
  service_id uuid not null references service (id) on delete cascade,
  member_id uuid references room_member (id) on delete set null,
  message_id uuid references room_message (id) on delete set null,
  -- The exact words that are asked for, and that alone may be used.
  wording text not null check (length(wording) between 1 and 1000),
  -- As the person wants to be named.
  signed_as text check (length(signed_as) between 1 and 100),
  state text not null check (state in ('asked', 'approved', 'declined', 'withdrawn')),
  asked_at timestamptz not null,
  asked_by text not null,
  token_hash bytea not null unique,
  decided_at timestamptz,
  withdrawn_by text check (withdrawn_by in ('person', 'team')),
  withdrawn_because text check (length(withdrawn_because) <= 500)
);
create index testimonial_feature on testimonial (feature_id, asked_at);

create table testimonial_use (
  id uuid primary key default gen_random_uuid(),
  testimonial_id uuid not null references testimonial (id) on delete cascade,
  place text not null check (length(place) between 1 and 300),
  at timestamptz not null,
  by_name text not null,
  taken_down_at timestamptz
);
create index testimonial_use_testimonial on testimonial_use (testimonial_id);

-- What a message to another system is about, so that it can be found when a person is to be erased.
alter table webhook_message add column subject text;
create index webhook_message_subject on webhook_message (subject) where subject is not null;
-- Where its reader can stop mails of its kind with one press; sealed as the body is.
alter table mail_outbox add column stop text;
