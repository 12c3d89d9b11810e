// A database whose cap nobody asks for at the moment that counts.
import pg from 'pg'

const query = pg.Client.prototype.query as (...args: unknown[]) => unknown
Object.assign(pg.Client.prototype, {
  query(this: pg.Client, ...args: unknown[]): unknown {
    const [asked] = args as [string | { text?: string }]
    if (typeof asked === 'object' && asked !== null && typeof asked.text === 'string')
      asked.text = asked.text
        .replace(/and \(cap is null or[^)]*\)/, '')
        .replace(/select cap, taken, \(select count/, 'select cap, 0 as taken, (select count')
    return Reflect.apply(query, this, args)
  },
})
