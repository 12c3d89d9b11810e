// A database that does not keep which form accepted.
import pg from 'pg'

const query = pg.Client.prototype.query as (...args: unknown[]) => unknown
Object.assign(pg.Client.prototype, {
  query(this: pg.Client, ...args: unknown[]): unknown {
    const [asked] = args as [string | { text?: string }]
    if (typeof asked === 'object' && asked !== null && typeof asked.text === 'string')
      asked.text = asked.text.replace("nonce_hash = decode(person.nonce, 'hex')", 'nonce_hash = null')
    return Reflect.apply(query, this, args)
  },
})
