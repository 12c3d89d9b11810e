-- When the kept counts of a service were last compared with the people, and when they last differed.
create table count_comparison (
  service_id uuid primary key references service (id) on delete cascade,
  compared_at timestamptz not null,
  differed_at timestamptz,
  -- How many differed then.
  differences integer not null default 0
);
