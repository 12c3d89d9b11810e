-- On whose pages a client key works; null is on those of its service.
alter table api_key add column origins text[];
