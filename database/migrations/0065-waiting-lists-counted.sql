-- How a long waiting list stood when it was last counted, and each number that is wanted: counting goes through everybody (ADM-44).
create table waitlist_count (
  service_id uuid primary key references service (id) on delete cascade,
  counted_at timestamptz not null,
  took_ms integer not null,
  applied integer not null,
  invited integer not null,
  active integer not null,
  declined integer not null
);
create table quota_count (
  quota_id uuid primary key references quota (id) on delete cascade,
  actual integer not null,
  invited integer not null,
  waiting integer not null
);

-- Answers are compared in lower case: without figures of that, a million of them are looked up one by one.
create statistics waiting_answer_value on (lower(value)) from waiting_answer;
create statistics waiting_special_answer_value on (lower(value)) from waiting_special_answer;
analyze waiting_answer, waiting_special_answer;
