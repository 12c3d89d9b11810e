-- Only those who chose while the migration before this one ran: nobody waits for long.
select from rollout order by service_id for update;
update admission a set went_back = not a.went_back
  where a.left_at is null and a.went_back <> exists (
    select from choice c where c.service_id = a.service_id and c.unit = a.unit and c.value = 'current');

-- Each statement looks at one moment. What changed since the triggers stand is counted already by them, so it is the
-- difference that is added, and nobody has to stand still for it.
insert into admission_count as c (service_id, rung, went_back, part, people)
  select service_id, rung, went_back, part, sum(n) from (
    select a.service_id, a.rung, a.went_back, admission_part(a.rung, a.bucket, a.id <= r.salt_after) as part, count(*) as n
      from admission a join rollout r on r.service_id = a.service_id where a.left_at is null group by 1, 2, 3, 4
    union all
    select service_id, rung, went_back, part, -people from admission_count
  ) as missing group by 1, 2, 3, 4 having sum(n) <> 0
  on conflict (service_id, rung, went_back, part) do update set people = c.people + excluded.people;

insert into invitation_count (service_id, cohort_id, state, holds_place, ends_in, people)
  select service_id, cohort_id, state, holds_place, ends_in, sum(n) from (
    select service_id, cohort_id, state, state = 'sent' and holds_place as holds_place,
        case when state = 'sent' then date_trunc('hour', expires_at, 'UTC') end as ends_in, count(*) as n
      from invitation group by 1, 2, 3, 4, 5
    union all
    select service_id, cohort_id, state, holds_place, ends_in, -people from invitation_count
  ) as missing group by 1, 2, 3, 4, 5 having sum(n) <> 0;
