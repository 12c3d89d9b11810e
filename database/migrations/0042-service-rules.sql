-- Rules on attributes of a service, as the snapshot carries them. The version grows with every change of them.
alter table rollout add column rules jsonb not null default '[]';
alter table rollout add column rules_version integer not null default 1;
alter table rollout add column rules_changed_by text;
