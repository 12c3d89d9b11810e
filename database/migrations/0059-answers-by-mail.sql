-- Answers to mails of a beta room: a secret address in each mail, and where its answer belongs.

-- Of the address only the SHA-256. It is one tester's or one colleague's.
create table room_answer_address (
  token_hash bytea primary key,
  feature_id uuid not null references beta_room (feature_id) on delete cascade,
  member_id uuid references room_member (id) on delete cascade,
  account_id uuid references account (id) on delete cascade,
  -- The message that an answer belongs to; null where an answer begins something.
  answers_id uuid references room_message (id) on delete cascade,
  expires_at timestamptz not null,
  -- When the person was last told that an answer could not be taken.
  told_at timestamptz,
  check ((member_id is null) <> (account_id is null))
);
create index room_answer_address_feature on room_answer_address (feature_id);
create index room_answer_address_member on room_answer_address (member_id);
create index room_answer_address_account on room_answer_address (account_id);
create index room_answer_address_answers on room_answer_address (answers_id);
create index room_answer_address_end on room_answer_address (expires_at);

-- The address is sealed as the body is; the ids are those of the mail and of the one that it answers.
alter table mail_outbox add column reply_to text;
alter table mail_outbox add column message_id text;
alter table mail_outbox add column answers_message_id text;
