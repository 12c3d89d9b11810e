-- Who chose the current service before the ledger told so. What a choice of this very moment leaves behind is mended next.
update admission a set went_back = true from choice c
  where c.service_id = a.service_id and c.unit = a.unit and c.value = 'current' and a.left_at is null and not a.went_back;
