-- What the page "Who gets in" counts at each look, of a hundred thousand people, stands in indexes alone.
create index invitation_counts on invitation (service_id, cohort_id, state, expires_at);
create index invitation_accepted on invitation (service_id, accepted_at) where accepted_at is not null;
-- From a line of a batch to what became of its invitation.
create index batch_person_invitation on batch_person (batch_id, invitation_id) where invitation_id is not null;
create index invitation_states on invitation (id) include (state, expires_at, accepted_at, declined_at);
