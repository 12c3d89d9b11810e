-- A feature goes through gates as a service does: what is said and signed there is the feature's. Without one it is the
-- service's own.

alter table gate_playbook add column feature_id uuid references feature (id) on delete cascade;
alter table gate_date add column feature_id uuid references feature (id) on delete cascade;
alter table gate_verdict add column feature_id uuid references feature (id) on delete cascade;
alter table gate_signal_waiver add column feature_id uuid references feature (id) on delete cascade;
alter table gate_evidence add column feature_id uuid references feature (id) on delete cascade;
alter table gate_sign_off add column feature_id uuid references feature (id) on delete cascade;
alter table gate_decision add column feature_id uuid references feature (id) on delete cascade;

-- A condition of the gate itself belongs to no criterion.
alter table gate_signal_waiver alter column criterion drop not null;
