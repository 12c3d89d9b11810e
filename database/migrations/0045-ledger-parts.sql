-- Of a million people in, only the part of the ledger with a change is read again: counting the parts reads this index alone.
create index admission_parts on admission (service_id, id) include (rung, bucket) where left_at is null;
