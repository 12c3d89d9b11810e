-- The service as a visitor sees it: what a probe read through the gateway.

create table banner_probe (
  service_id uuid not null references service (id) on delete cascade,
  -- Pattern of the journey that the page stands for, such as `/apply/start`.
  page text not null check (length(page) <= 300),
  probed_at timestamptz not null,
  expected text not null,
  outcome text not null check (outcome in ('seen', 'missing', 'other-label', 'not-reached')),
  detail text not null check (length(detail) <= 500),
  primary key (service_id, page)
);
