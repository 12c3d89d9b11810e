-- What was written before there was a chain becomes its beginning. Apart from the migration before it, so that the history
-- can be read meanwhile.

lock table audit in share row exclusive mode;
alter table audit disable trigger audit_append_only;
do $$
declare
  entry audit;
  before bytea;
  count bigint := 0;
begin
  for entry in select * from audit order by id loop
    count := count + 1;
    entry.position := count;
    entry.salt := uuid_send(gen_random_uuid());
    entry.personal := audit_personal(entry);
    entry.hash := audit_hash(entry, before);
    before := entry.hash;
    update audit set position = entry.position, salt = entry.salt, personal = entry.personal, hash = entry.hash
      where id = entry.id;
  end loop;
end $$;
alter table audit enable trigger audit_append_only;
