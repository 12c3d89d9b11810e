-- ACC-15: when somebody was last here is told also after the session has ended.
alter table account add column seen_at timestamptz;
update account set seen_at = session.seen_at
from (select account_id, max(seen_at) as seen_at from session group by account_id) session
where session.account_id = account.id;

create index sign_in_link_account on sign_in_link (account_id);
