-- While a list is read or people are drawn: when that was last heard of, how far it has come, and why it broke off.
alter table invitation_batch add column preparing jsonb;
