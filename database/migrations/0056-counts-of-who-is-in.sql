-- How many people stand on each rung, kept by the database itself in the transaction that changes the ledger, whoever writes:
-- a page says it of a million people as fast as of ten.

-- Does the person's own choice send them to the current service? Follows the table choice.
alter table admission add column went_back boolean not null default false;

create table admission_count (
  service_id uuid not null references service (id) on delete cascade,
  rung text not null,
  went_back boolean not null,
  -- Of the share: the thousand buckets that the person stands in; 100 where the present salt says nothing of the bucket. Else 0.
  part smallint not null,
  people integer not null,
  primary key (service_id, rung, went_back, part)
) with (fillfactor = 70);

create function admission_part(rung text, bucket integer, is_of_earlier_salt boolean) returns smallint language sql immutable as $$
  select (case when rung <> 'share' then 0 when is_of_earlier_salt or bucket is null then 100 else least(bucket / 1000, 100) end)::smallint
$$;

-- ADM-19: whoever changes who is in holds the rollout's row, so that no two of them miss each other. Each statement of a
-- volatile function sees what was committed before it began, so what follows the wait is read after it.
create function admission_entered() returns trigger language plpgsql as $$
begin
  perform from rollout where service_id in (select service_id from entered) order by service_id for update;
  insert into admission_count as c (service_id, rung, went_back, part, people)
    select a.service_id, a.rung, a.went_back, admission_part(a.rung, a.bucket, a.id <= r.salt_after), count(*)
    from entered a join rollout r on r.service_id = a.service_id where a.left_at is null group by 1, 2, 3, 4
    on conflict (service_id, rung, went_back, part) do update set people = c.people + excluded.people;
  update admission a set went_back = true from entered e join choice c on c.service_id = e.service_id and c.unit = e.unit
    where a.id = e.id and c.value = 'current' and a.left_at is null and not a.went_back;
  return null;
end $$;

create function admission_changed() returns trigger language plpgsql as $$
begin
  perform from rollout where service_id in (select service_id from entered) order by service_id for update;
  insert into admission_count as c (service_id, rung, went_back, part, people)
    select a.service_id, a.rung, a.went_back, admission_part(a.rung, a.bucket, a.id <= r.salt_after), sum(n)
    from (select *, 1 as n from entered union all select *, -1 from gone) as a join rollout r on r.service_id = a.service_id
    where a.left_at is null group by 1, 2, 3, 4 having sum(n) <> 0
    on conflict (service_id, rung, went_back, part) do update set people = c.people + excluded.people;
  return null;
end $$;

-- Of a service that is removed the counts go too, before or after.
create function admission_gone() returns trigger language plpgsql as $$
begin
  perform from rollout where service_id in (select service_id from gone) order by service_id for update;
  update admission_count c set people = c.people - g.n from (
    select a.service_id, a.rung, a.went_back, admission_part(a.rung, a.bucket, a.id <= r.salt_after) as part, count(*) as n
    from gone a join rollout r on r.service_id = a.service_id where a.left_at is null group by 1, 2, 3, 4
  ) as g where c.service_id = g.service_id and c.rung = g.rung and c.went_back = g.went_back and c.part = g.part;
  return null;
end $$;

create function admission_follows_choice() returns trigger language plpgsql as $$
begin
  perform from rollout where service_id in (select service_id from changed) order by service_id for update;
  update admission a set went_back = now.is_back from (
    select distinct d.service_id, d.unit, exists (
      select from choice c where c.service_id = d.service_id and c.unit = d.unit and c.value = 'current'
    ) as is_back from changed d
  ) as now
  where a.service_id = now.service_id and a.unit = now.unit and a.left_at is null and a.went_back <> now.is_back;
  return null;
end $$;

-- ADM-52: the mark of a new salt stands behind all who are in by the share.
create function admission_drawn_again() returns trigger language plpgsql as $$
begin
  insert into admission_count as c (service_id, rung, went_back, part, people)
    select service_id, rung, went_back, 100, sum(people) from admission_count
    where service_id = new.service_id and rung = 'share' and part < 100 group by 1, 2, 3 having sum(people) <> 0
    on conflict (service_id, rung, went_back, part) do update set people = c.people + excluded.people;
  update admission_count set people = 0 where service_id = new.service_id and rung = 'share' and part < 100 and people <> 0;
  return null;
end $$;

create trigger admission_entered after insert on admission
  referencing new table as entered for each statement execute function admission_entered();
create trigger admission_changed after update on admission
  referencing old table as gone new table as entered for each statement execute function admission_changed();
create trigger admission_gone after delete on admission
  referencing old table as gone for each statement execute function admission_gone();
create trigger choice_entered after insert on choice
  referencing new table as changed for each statement execute function admission_follows_choice();
create trigger choice_changed after update on choice
  referencing new table as changed for each statement execute function admission_follows_choice();
create trigger choice_gone after delete on choice
  referencing old table as changed for each statement execute function admission_follows_choice();
create trigger rollout_drawn_again after update of salt_after on rollout
  for each row when (new.salt_after is distinct from old.salt_after) execute function admission_drawn_again();

-- The same of invitations. Changes are added as rows, so that those who send and those who answer never wait for each other, and
-- are put together from time to time (foldInvitationCounts). What is out has the hour in which it runs out.
create table invitation_count (
  service_id uuid not null references service (id) on delete cascade,
  cohort_id uuid,
  state text not null,
  holds_place boolean not null,
  ends_in timestamptz,
  people integer not null
);
create index invitation_count_service on invitation_count (service_id);

-- A service that is being removed has no counts any more.
create function invitation_entered() returns trigger language plpgsql as $$
begin
  insert into invitation_count (service_id, cohort_id, state, holds_place, ends_in, people)
    select i.service_id, i.cohort_id, i.state, i.state = 'sent' and i.holds_place,
      case when i.state = 'sent' then date_trunc('hour', i.expires_at, 'UTC') end, count(*)
    from entered i join service s on s.id = i.service_id group by 1, 2, 3, 4, 5;
  return null;
end $$;

create function invitation_changed() returns trigger language plpgsql as $$
begin
  insert into invitation_count (service_id, cohort_id, state, holds_place, ends_in, people)
    select i.service_id, i.cohort_id, i.state, i.state = 'sent' and i.holds_place,
      case when i.state = 'sent' then date_trunc('hour', i.expires_at, 'UTC') end, sum(n)
    from (select *, 1 as n from entered union all select *, -1 from gone) as i join service s on s.id = i.service_id
    group by 1, 2, 3, 4, 5 having sum(n) <> 0;
  return null;
end $$;

create function invitation_gone() returns trigger language plpgsql as $$
begin
  insert into invitation_count (service_id, cohort_id, state, holds_place, ends_in, people)
    select i.service_id, i.cohort_id, i.state, i.state = 'sent' and i.holds_place,
      case when i.state = 'sent' then date_trunc('hour', i.expires_at, 'UTC') end, -count(*)
    from gone i join service s on s.id = i.service_id group by 1, 2, 3, 4, 5;
  return null;
end $$;

create trigger invitation_entered after insert on invitation
  referencing new table as entered for each statement execute function invitation_entered();
create trigger invitation_changed after update on invitation
  referencing old table as gone new table as entered for each statement execute function invitation_changed();
create trigger invitation_gone after delete on invitation
  referencing old table as gone for each statement execute function invitation_gone();
