-- Who stays in a feature, who was taken out by name, and who came by a preview link.

-- Up to which share people have the feature by their bucket, in thousandths of a percent; until when, where it is shut since.
alter table feature add column reached integer not null default 0 check (reached between 0 and 100000);
alter table feature add column reached_until timestamptz;
update feature set reached = case
  when not is_on then 0
  when stage is null or stage = 'public-release' then share
  when stage = 'removal' then 100000
  else 0 end;

create table feature_carried (
  feature_id uuid not null references feature (id) on delete cascade,
  unit text not null check (length(unit) between 1 and 256),
  -- Under the salt of the feature; null where that says nothing of this person.
  bucket integer,
  at timestamptz not null,
  primary key (feature_id, unit)
);

create table feature_removal (
  id uuid primary key default gen_random_uuid(),
  feature_id uuid not null references feature (id) on delete cascade,
  unit text not null check (length(unit) between 1 and 256),
  at timestamptz not null,
  by_name text not null,
  reason text not null check (length(reason) between 1 and 2000),
  lifted_at timestamptz,
  lifted_by text
);
create unique index feature_removal_in_force on feature_removal (feature_id, unit) where lifted_at is null;

-- A preview link is of a feature or, without one, of the service. That of a feature names who it is for.
alter table preview_link add column feature_id uuid references feature (id) on delete cascade;
alter table preview_link add column viewer text check (length(viewer) <= 254);
-- Why somebody outside the team was given it.
alter table preview_link add column outsider_reason text check (length(outsider_reason) between 1 and 2000);
create index preview_link_feature on preview_link (feature_id) where feature_id is not null;

create table preview_use (
  link_id uuid not null references preview_link (id) on delete cascade,
  unit text not null check (length(unit) between 1 and 256),
  at timestamptz not null,
  primary key (link_id, unit)
);
