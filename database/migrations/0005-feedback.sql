-- What people say about a service: one row an answer, from the widget, the page or the API.

create table feedback (
  id uuid primary key default gen_random_uuid(),
  -- The order of arrival, where two came at the same moment.
  arrival bigint generated always as identity,
  service_id uuid not null references service (id) on delete cascade,
  -- What the person is told; no letter or digit that can be misread aloud.
  reference text not null unique check (reference ~ '^[2-9A-Z]{4}-[2-9A-Z]{4}$'),
  -- The sender's own id: the same answer sent twice is one answer.
  sent_id text not null check (length(sent_id) between 1 and 100),
  received_at timestamptz not null,
  arm text check (arm in ('current', 'new')),
  unit text check (length(unit) <= 100),
  journey text check (length(journey) <= 100),
  ending text check (length(ending) <= 100),
  transaction text check (length(transaction) <= 200),
  page text check (length(page) <= 300),
  channel text not null check (channel in ('widget', 'page', 'api')),
  rating smallint check (rating between 1 and 5),
  kind text check (kind in ('experience', 'suggestion', 'general')),
  comment text check (length(comment) <= 5000),
  address text check (length(address) <= 254),
  -- Somebody could not use the service because of how it is built: found by its words, corrected by a person.
  accessibility boolean not null default false,
  spam_reasons text[] not null default '{}',
  state text not null check (state in ('new', 'read', 'answered', 'closed', 'spam')),
  -- Every item ends in a decision: what we do about it, in words.
  decision text check (length(decision) <= 2000),
  decided_at timestamptz,
  decided_by text,
  assignee_id uuid references account (id) on delete set null,
  link text check (length(link) <= 500),
  words tsvector generated always as (to_tsvector('english', coalesce(comment, ''))) stored,
  unique (service_id, sent_id),
  check (rating is not null or comment is not null),
  check (state not in ('answered', 'closed') or decision is not null)
);
create index feedback_service on feedback (service_id, received_at desc, arrival desc);
create index feedback_open on feedback (service_id, received_at) where state in ('new', 'read');
create index feedback_words on feedback using gin (words);
