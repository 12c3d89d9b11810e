-- Each entry of the history carries a hash over its content and over the hash before it (docs/rules/audit.md).

alter table audit
  -- In the chain, without gaps: 1, 2, 3 …
  add column position bigint,
  -- Gone once the personal fields of the entry were erased.
  add column salt bytea,
  -- Digest of the personal fields: who, about whom, and what was said.
  add column personal bytea,
  add column hash bytea;
create unique index audit_position on audit (position);

-- AUD-2: the same words as service/platform/audit/chain.ts, which checks them.
create function audit_field(value text) returns bytea language sql immutable as $$
  select sha256(convert_to(coalesce('=' || value, '-'), 'UTF8'))
$$;

create function audit_personal(entry audit) returns bytea language sql stable as $$
  select sha256(entry.salt || audit_field(entry.actor_id) || audit_field(entry.actor_name) || audit_field(entry.summary)
    || audit_field(entry.reason) || audit_field(entry.subject) || audit_field(entry.detail::text))
$$;

create function audit_hash(entry audit, before bytea) returns bytea language sql stable as $$
  select sha256(coalesce(before, decode(repeat('00', 32), 'hex')) || audit_field(entry.position::text)
    || audit_field(entry.id::text) || audit_field(to_char(entry.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'))
    || audit_field(entry.service_id::text) || audit_field(entry.actor_kind) || audit_field(entry.action)
    || audit_field(entry.request_id) || entry.personal)
$$;

-- AUD-3: called last in a transaction; who comes at the same time waits for its commit. Each statement of a volatile
-- function sees what was committed before it began, so the head is read after the wait.
create function audit_append(
  at timestamptz, service_id uuid, actor_kind text, actor_id text, actor_name text, action text, summary text,
  reason text, subject text, detail jsonb, request_id text
) returns void language plpgsql volatile as $$
declare
  entry audit;
  head audit;
begin
  perform pg_advisory_xact_lock(hashtextextended('audit', 0));
  select * into head from audit where position is not null order by position desc limit 1;
  entry.id := nextval(pg_get_serial_sequence('audit', 'id'));
  entry.at := at;
  entry.service_id := service_id;
  entry.actor_kind := actor_kind;
  entry.actor_id := actor_id;
  entry.actor_name := actor_name;
  entry.action := action;
  entry.summary := summary;
  entry.reason := reason;
  entry.subject := subject;
  entry.detail := detail;
  entry.request_id := request_id;
  entry.position := coalesce(head.position, 0) + 1;
  entry.salt := uuid_send(gen_random_uuid());
  entry.personal := audit_personal(entry);
  entry.hash := audit_hash(entry, head.hash);
  insert into audit overriding system value select entry.*;
end $$;

-- AUD-6: erasing personal fields is the one change that the table allows; the chain shows whether it was recorded.
create or replace function audit_is_append_only() returns trigger language plpgsql as $$
declare
  personal constant text[] := array['salt', 'actor_id', 'actor_name', 'summary', 'reason', 'subject', 'detail'];
begin
  if tg_op = 'UPDATE' then
    if new.salt is null and old.salt is not null and to_jsonb(new) - personal = to_jsonb(old) - personal then
      return new;
    end if;
  end if;
  raise exception 'audit is append-only';
end $$;
