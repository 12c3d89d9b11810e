// A database whose cap nobody asks for at the moment that counts.
import { rewriteSql } from '../rewriting.ts'

rewriteSql((text) =>
  text
    .replace(/and \(cap is null or[^)]*\)/, '')
    .replace(/select cap, taken, \(select count/, 'select cap, 0 as taken, (select count'),
)
