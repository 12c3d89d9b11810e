-- The ladder is counted from an index alone, whatever the number of people.
create index admission_ladder on admission (service_id, rung, bucket) where left_at is null;
-- The ledger of one person, over all units that the person had.
create index admission_participant on admission (participant_id) where participant_id is not null;
create index admission_unit on admission (service_id, unit);

-- What was open when: every change of share, cap and joining.
create table rollout_change (
  id bigint generated always as identity primary key,
  service_id uuid not null references service (id) on delete cascade,
  at timestamptz not null,
  share integer not null,
  cap integer,
  join_open boolean not null,
  by_name text not null
);
create index rollout_change_service on rollout_change (service_id, at);
-- What stands open at the upgrade; what was open before nobody wrote down.
insert into rollout_change (service_id, at, share, cap, join_open, by_name)
  select service_id, now(), share, cap, join_open, 'Phasegate' from rollout where share > 0 or cap is not null or join_open;
