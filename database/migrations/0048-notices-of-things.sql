-- What a notice is about, so that its acknowledgements can be counted (OPS-4).
alter table notification add column subject text check (length(subject) <= 200);
create index notification_subject on notification (service_id, subject) where subject is not null;
