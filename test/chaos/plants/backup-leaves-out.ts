// A backup that leaves out some rows of a table: CHAOS_LEAVE_OUT names it, CHAOS_ROWS says which.
import pg from 'pg'

const { CHAOS_LEAVE_OUT: table = '', CHAOS_ROWS: rows = '' } = process.env
const query = pg.Client.prototype.query as (...args: unknown[]) => unknown
pg.Client.prototype.query = function lying(this: pg.Client, first: unknown, ...rest: unknown[]) {
  if (typeof first === 'object' && first !== null && 'text' in first) {
    const [, name = '', columns] = /^copy "([^"]+)" \((.*)\) to stdout$/.exec(String(first.text)) ?? []
    if (name.startsWith(table) && columns !== undefined)
      first.text = `copy (select ${columns} from "${name}" where not coalesce(${rows}, false)) to stdout`
  }
  return query.call(this, first, ...rest)
} as typeof pg.Client.prototype.query
