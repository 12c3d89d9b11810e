// A process that never hears what others announce.
import pg from 'pg'

const query = pg.Client.prototype.query as (...args: unknown[]) => unknown
Object.assign(pg.Client.prototype, {
  query(this: pg.Client, ...args: unknown[]): unknown {
    return /^listen /i.test(String(args[0]))
      ? Reflect.apply(query, this, ['select 1'])
      : Reflect.apply(query, this, args)
  },
})
