// A database in which a link that was used is as good as new, and nobody is an owner yet.
import { rewriteSql } from '../rewriting.ts'

rewriteSql((text) =>
  text
    .replace('and used_at is null and', 'and')
    .replace("where installation = 'owner' and disabled_at is null", 'where false'),
)
