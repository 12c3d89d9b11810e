import pg from 'pg'

/** For plants: what a process asks its database is asked in other words. */
export function rewriteSql(rewrite: (text: string) => string): void {
  const query = pg.Client.prototype.query as (...args: unknown[]) => unknown
  Object.assign(pg.Client.prototype, {
    query(this: pg.Client, ...[asked, ...rest]: unknown[]): unknown {
      const words = typeof asked === 'string' ? rewrite(asked) : asked
      return Reflect.apply(query, this, [words, ...rest])
    },
  })
}
