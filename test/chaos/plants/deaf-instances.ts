// A process that never hears what others announce.
import { rewriteSql } from '../rewriting.ts'

rewriteSql((text) => (/^listen /i.test(text) ? 'select 1' : text))
