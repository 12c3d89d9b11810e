-- What became of the people of a batch, kept as the counts of invitations are: changes are added as rows and put together later.
create table batch_count (
  batch_id uuid not null references invitation_batch (id) on delete cascade,
  outcome text not null,
  -- Of the invitation; empty where there is none.
  state text,
  declined boolean not null,
  accepted boolean not null,
  -- What is out has the hour in which it runs out.
  ends_in timestamptz,
  people integer not null
);
create index batch_count_batch on batch_count (batch_id);
-- From an invitation to the batches that sent it, and from an address to its invitations, the newest first.
create index batch_person_of_invitation on batch_person (invitation_id) where invitation_id is not null;
create index invitation_address on invitation (service_id, lower(address), sent_at desc);

create function batch_person_entered() returns trigger language plpgsql as $$
begin
  insert into batch_count (batch_id, outcome, state, declined, accepted, ends_in, people)
    select p.batch_id, p.outcome, i.state, i.declined_at is not null, i.accepted_at is not null,
      case when i.state = 'sent' then date_trunc('hour', i.expires_at, 'UTC') end, count(*)
    from entered p join invitation_batch b on b.id = p.batch_id left join invitation i on i.id = p.invitation_id
    group by 1, 2, 3, 4, 5, 6;
  return null;
end $$;

create function batch_person_changed() returns trigger language plpgsql as $$
begin
  insert into batch_count (batch_id, outcome, state, declined, accepted, ends_in, people)
    select p.batch_id, p.outcome, i.state, i.declined_at is not null, i.accepted_at is not null,
      case when i.state = 'sent' then date_trunc('hour', i.expires_at, 'UTC') end, sum(n)
    from (select *, 1 as n from entered union all select *, -1 from gone) as p
      join invitation_batch b on b.id = p.batch_id left join invitation i on i.id = p.invitation_id
    group by 1, 2, 3, 4, 5, 6 having sum(n) <> 0;
  return null;
end $$;

-- A batch that is being removed has no counts any more.
create function batch_person_gone() returns trigger language plpgsql as $$
begin
  insert into batch_count (batch_id, outcome, state, declined, accepted, ends_in, people)
    select p.batch_id, p.outcome, i.state, i.declined_at is not null, i.accepted_at is not null,
      case when i.state = 'sent' then date_trunc('hour', i.expires_at, 'UTC') end, -count(*)
    from gone p join invitation_batch b on b.id = p.batch_id left join invitation i on i.id = p.invitation_id
    group by 1, 2, 3, 4, 5, 6;
  return null;
end $$;

-- Whoever sends by a batch holds the invitation until the person of the batch points to it, so that neither misses the other.
create function batch_follows_invitation() returns trigger language plpgsql as $$
begin
  insert into batch_count (batch_id, outcome, state, declined, accepted, ends_in, people)
    select p.batch_id, p.outcome, i.state, i.declined_at is not null, i.accepted_at is not null,
      case when i.state = 'sent' then date_trunc('hour', i.expires_at, 'UTC') end, sum(n)
    from (select *, 1 as n from entered union all select *, -1 from gone) as i
      join batch_person p on p.invitation_id = i.id join invitation_batch b on b.id = p.batch_id
    group by 1, 2, 3, 4, 5, 6 having sum(n) <> 0;
  return null;
end $$;

create trigger batch_person_entered after insert on batch_person
  referencing new table as entered for each statement execute function batch_person_entered();
create trigger batch_person_changed after update on batch_person
  referencing old table as gone new table as entered for each statement execute function batch_person_changed();
create trigger batch_person_gone after delete on batch_person
  referencing old table as gone for each statement execute function batch_person_gone();
create trigger invitation_of_batch_changed after update on invitation
  referencing old table as gone new table as entered for each statement execute function batch_follows_invitation();
