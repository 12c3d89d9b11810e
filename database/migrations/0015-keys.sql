-- ACC-14: a key can be narrowed, ends, tells when it was last used, and gets a new secret while the old one still works.
alter table api_key
  -- Null is everything that its kind may.
  add column permissions text[],
  add column expires_at timestamptz,
  add column last_used_at timestamptz,
  add column previous_hash bytea,
  add column previous_until timestamptz,
  add column warned_at timestamptz;
create unique index api_key_previous on api_key (previous_hash);
