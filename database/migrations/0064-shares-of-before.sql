-- Of a feature that was opened before its changes were written down, what it has reached since.
insert into feature_share_change (feature_id, at, share, by_name)
select f.id, f.created_at, f.reached, f.created_by from feature f
where f.reached > 0 and not exists (select from feature_share_change c where c.feature_id = f.id);
