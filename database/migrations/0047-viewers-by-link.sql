-- Viewers of a preview were a list beside the links. Each becomes a link that nobody can open, with what was said. The rows
-- stay for the release before.
insert into preview_link (service_id, feature_id, name, viewer, outsider_reason, token_hash, created_at, created_by,
    expires_at, revoked_at, verdict, comment, verdict_at, verdict_by)
  select f.service_id, f.id, f.name, v.address, v.exception, sha256(convert_to(v.id::text, 'UTF8')), v.at, v.by_name,
    v.at, v.at, v.verdict, v.comment, v.verdict_at, v.verdict_by
  from preview_viewer v join feature f on f.id = v.feature_id
  where length(v.address) <= 254;
