-- A file that is evidence: its bytes in parts, so that none of it is ever whole in memory on the way out. In the database,
-- since one backup then holds everything and every instance sees it.
create table gate_attachment (
  evidence_id uuid primary key references gate_evidence (id) on delete cascade,
  name text not null check (length(name) between 1 and 200),
  type text not null,
  size integer not null check (size > 0),
  sha256 text not null check (length(sha256) = 64)
);

create table gate_attachment_part (
  evidence_id uuid not null references gate_attachment (evidence_id) on delete cascade,
  position integer not null,
  bytes bytea not null,
  primary key (evidence_id, position)
);
alter table gate_attachment_part alter column bytes set storage external;
create trigger gate_attachment_stays before update on gate_attachment for each row execute function gate_rows_stay();
create trigger gate_attachment_part_stays before update on gate_attachment_part for each row execute function gate_rows_stay();
