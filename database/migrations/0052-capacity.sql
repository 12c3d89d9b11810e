-- OPS-7, OPS-8: what is expected at the peak, what load tests came to, and how many severe defects are open.
create table peak_forecast (
  id bigint generated always as identity primary key,
  service_id uuid not null references service (id) on delete cascade,
  per_second double precision not null check (per_second > 0),
  basis text not null check (length(basis) between 1 and 1000),
  at timestamptz not null,
  by_name text not null
);
create index peak_forecast_service on peak_forecast (service_id, id);

create table load_test (
  id uuid primary key default gen_random_uuid(),
  service_id uuid not null references service (id) on delete cascade,
  reference text not null check (length(reference) between 1 and 200),
  ran_on date not null,
  reached double precision not null check (reached > 0),
  requests bigint not null check (requests > 0),
  failed bigint not null check (failed between 0 and requests),
  p95_ms double precision not null check (p95_ms >= 0),
  link text check (length(link) between 1 and 2000),
  note text not null check (length(note) <= 2000),
  recorded_at timestamptz not null,
  recorded_by text not null,
  unique (service_id, reference)
);
create index load_test_service on load_test (service_id, ran_on);

-- As counted in the team's own tracker. The last count holds.
create table severe_defect_count (
  id bigint generated always as identity primary key,
  service_id uuid not null references service (id) on delete cascade,
  open integer not null check (open >= 0),
  source text not null check (length(source) between 1 and 500),
  at timestamptz not null,
  by_name text not null
);
create index severe_defect_count_service on severe_defect_count (service_id, id);
