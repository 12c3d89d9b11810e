import { Kysely, PostgresDialect } from 'kysely'
import { Pool, types, type Client, type PoolConfig } from 'pg'
import type { Db } from '../context.ts'
import { watchConnections, type WatchLog } from './connection-watch.ts'

/** int8 as a number: counts here stay far below 2^53. */
types.setTypeParser(types.builtins.INT8, Number)

export interface Database {
  db: Db
  pool: Pool
  /** A connection of its own, for LISTEN. */
  listener(): Client
  close(): Promise<void>
}

const pools = new WeakMap<Db, Pool>()

/** The connections under a database, for what SQL alone cannot say: COPY. */
export function poolOf(db: Db): Pool {
  const pool = pools.get(db)
  if (pool === undefined) throw new Error('This database was not opened by openDatabase')
  return pool
}

const silence: WatchLog = { info: () => {}, warn: () => {} }

export function openDatabase(connection: PoolConfig, log: WatchLog = silence): Database {
  const watch = watchConnections(connection, log)
  const pool = new Pool({
    Client: watch.Client,
    max: 12,
    // For a place in the queue; a connection that is not made in time ends earlier, by the watch.
    connectionTimeoutMillis: 5_000,
    idleTimeoutMillis: 30_000,
    statement_timeout: 30_000,
    // Whoever began a transaction and was cut off must not hold its locks.
    idle_in_transaction_session_timeout: 60_000,
    application_name: 'phasegate',
    ...connection,
  })
  // A connection that breaks while idle is replaced by the pool; its error must not end the process.
  pool.on('error', () => {})
  const db: Db = new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) })
  pools.set(db, pool)
  return {
    db,
    pool,
    listener: () => new watch.Client({ ...connection, connectionTimeoutMillis: 3_000, application_name: 'phasegate' }),
    async close() {
      watch.stop()
      await db.destroy()
    },
  }
}
