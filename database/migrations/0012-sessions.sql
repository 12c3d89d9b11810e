-- ACC-1 to ACC-8: a session knows the stamp of its account, when its person last confirmed to be it, and on what device.

alter table account
  -- Counts up when what a session rests on changes; a session of an older stamp is dead.
  add column stamp integer not null default 1,
  -- When a link mailed to the address was first used.
  add column verified_at timestamptz;

alter table session
  add column stamp integer not null default 1,
  add column confirmed_at timestamptz,
  -- In a few words, such as "Firefox on Linux"; never the whole header.
  add column device text not null default '' check (length(device) <= 100),
  -- How the person signed in: by password, link, passkey, provider.
  add column way text not null default '' check (length(way) <= 60),
  add column code_hash bytea,
  add column code_until timestamptz,
  add column code_tries integer not null default 0;

-- A new address is proven by a link before it counts.
alter table sign_in_link drop constraint sign_in_link_purpose_check;
alter table sign_in_link
  add constraint sign_in_link_purpose_check check (purpose in ('first-person', 'sign-in', 'join', 'email')),
  add column email text check (length(email) <= 254);

update account set verified_at = used.at
from (select account_id, min(used_at) as at from sign_in_link where purpose <> 'first-person' group by account_id) used
where used.account_id = account.id and used.at is not null;
