-- Until when a process holds the job that it runs; past where nobody runs it.

alter table job_run add column held_until timestamptz not null default '-infinity';
