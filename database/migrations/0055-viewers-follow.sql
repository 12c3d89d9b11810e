-- While the release before still writes viewers of a preview and what they said beside the links (0047), each row becomes a link, or
-- its verdict that of the link, as it is written. Nothing is left to be moved when the table goes.
create function viewer_becomes_link() returns trigger language plpgsql as $$
begin
  insert into preview_link (service_id, feature_id, name, viewer, outsider_reason, token_hash, created_at, created_by,
      expires_at, revoked_at, verdict, comment, verdict_at, verdict_by)
    select f.service_id, f.id, f.name, new.address, new.exception, sha256(convert_to(new.id::text, 'UTF8')), new.at, new.by_name,
      new.at, new.at, new.verdict, new.comment, new.verdict_at, new.verdict_by
    from feature f where f.id = new.feature_id and length(new.address) <= 254
  on conflict (token_hash) do update set verdict = excluded.verdict, comment = excluded.comment,
    verdict_at = excluded.verdict_at, verdict_by = excluded.verdict_by
    where excluded.verdict_at > coalesce(preview_link.verdict_at, '-infinity');
  return null;
end $$;
create trigger viewer_becomes_link after insert or update on preview_viewer for each row execute function viewer_becomes_link();
-- What was written since 0047.
update preview_viewer set name = name where verdict_at is not null or not exists (
  select from preview_link l where l.token_hash = sha256(convert_to(preview_viewer.id::text, 'UTF8')));
