-- Whoever was sent the link of a customer account, to pass it on: each mail has a link of its own to say no by, since the link
-- in it is shared by others.
create table customer_contact (
  token_hash bytea primary key,
  customer_account_id uuid not null references customer_account (id) on delete cascade,
  address text not null check (length(address) between 3 and 320),
  sent_at timestamptz not null
);
create index customer_contact_account on customer_contact (customer_account_id);
create index customer_contact_address on customer_contact (lower(address));
