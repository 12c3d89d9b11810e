-- As in 0058: the difference between what there is and what the triggers have counted since they stand, of one moment.
insert into batch_count (batch_id, outcome, state, declined, accepted, ends_in, people)
  select batch_id, outcome, state, declined, accepted, ends_in, sum(n) from (
    select p.batch_id, p.outcome, i.state, i.declined_at is not null as declined, i.accepted_at is not null as accepted,
        case when i.state = 'sent' then date_trunc('hour', i.expires_at, 'UTC') end as ends_in, count(*) as n
      from batch_person p left join invitation i on i.id = p.invitation_id group by 1, 2, 3, 4, 5, 6
    union all
    select batch_id, outcome, state, declined, accepted, ends_in, -people from batch_count
  ) as missing group by 1, 2, 3, 4, 5, 6 having sum(n) <> 0;
