-- What the one for whom a preview link of a feature was made said of it.
alter table preview_link add column verdict text check (verdict in ('yes', 'no'));
alter table preview_link add column comment text not null default '' check (length(comment) <= 2000);
alter table preview_link add column verdict_at timestamptz;
alter table preview_link add column verdict_by text;
