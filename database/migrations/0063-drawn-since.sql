-- When the present salt of a feature began: before it buckets say nothing. Until when a share had reached somebody is read from the
-- history of shares, phases and halts from now on, no more from reached_until.
alter table feature add column drawn_since timestamptz;
