-- Admissions up to this id were drawn by an earlier salt: their buckets say nothing under the present one, and they are carried.
alter table rollout add column salt_after bigint not null default 0;
create index admission_rungs on admission (service_id, rung, bucket) include (id) where left_at is null;
drop index admission_ladder;
