-- The address of a chat is its secret: kept sealed. For those that have one, url names the host only.
alter table webhook add column sealed_url text;
