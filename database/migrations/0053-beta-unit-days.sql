-- ROOM-14: what those with a feature and those without it met on a day, of days on which their events name the flag.
create table beta_unit_day (
  feature_id uuid not null references feature (id) on delete cascade,
  day date not null,
  unit text not null,
  had boolean not null,
  views integer not null,
  errors integer not null,
  -- Answers to the five-point question: how many, how many of the top two, and the sum of 0 to 4.
  answers integer not null,
  top_two integer not null,
  points integer not null,
  primary key (feature_id, day, unit)
);
