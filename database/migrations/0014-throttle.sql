-- ACC-10, ACC-11: tries are counted here, where every process sees them. Of whom or from where is a keyed hash.
create table throttle (
  subject bytea primary key,
  tries integer not null,
  last_at timestamptz not null,
  next_at timestamptz not null
);
create index throttle_last on throttle (last_at);

-- ACC-12: asked for, and looked at later: the answer takes as long whether there is such an account or not.
create table link_request (
  id bigint generated always as identity primary key,
  address text not null,
  asked_at timestamptz not null
);

-- ACC-13: tells whether the keys at hand are those that this database was written with.
create table secret_key_check (
  one boolean primary key default true check (one),
  sealed text not null
);
