// A process that runs each job whether or not another did.
import { rewriteSql } from '../rewriting.ts'

rewriteSql((text) =>
  text.includes('insert into job_run')
    ? text.replace(/where \(job_run/, 'where $1::text is not null or (job_run')
    : text,
)
