-- The most transactions that may begin in the new service on one day before nobody new is let in until midnight.

alter table rollout add column starts_a_day integer check (starts_a_day between 1 and 100000000);
