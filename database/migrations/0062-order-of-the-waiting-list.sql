-- The waiting list in its order, and how many wait.
create index waiting_in_order on waiting (service_id, at, id);
create index waiting_now on waiting (service_id) where invited_at is null and left_at is null;
