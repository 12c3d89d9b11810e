-- A plan is a service's or a feature's: exactly one of the two is set.
alter table rollout_plan alter column service_id drop not null;
alter table rollout_plan add column feature_id uuid references feature (id) on delete cascade;
create unique index rollout_plan_feature on rollout_plan (feature_id);

-- What the share of a feature was when, as far as its stage let it count, in thousandths of a percent.
create table feature_share_change (
  id bigint generated always as identity primary key,
  feature_id uuid not null references feature (id) on delete cascade,
  at timestamptz not null,
  share integer not null check (share between 0 and 100000),
  by_name text not null
);
create index feature_share_change_feature on feature_share_change (feature_id, at);
