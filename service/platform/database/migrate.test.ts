import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, afterEach, before, beforeEach, describe, test } from 'node:test'
import { pathToFileURL } from 'node:url'
import pg from 'pg'
import { testDatabase, type TestDatabase } from '../../../test/support/database.ts'
import { installedPrograms, startTestPostgres } from '../../../test/support/postgres.ts'
import { migrate, migrationLock } from './migrate.ts'

describe('migrations', () => {
  let folder: string
  let database: TestDatabase
  let pool: pg.Pool
  before(async () => {
    database = await testDatabase()
    pool = new pg.Pool(database.connection)
  })
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'phasegate-migrations-'))
    await pool.query('drop table if exists schema_migration, pear, apple')
  })
  afterEach(() => rm(folder, { recursive: true }))
  after(async () => {
    await pool.end()
    await database.drop()
  })

  const write = (name: string, sql: string) => writeFile(join(folder, name), sql)
  const run = () => migrate(pool, pathToFileURL(`${folder}/`))

  async function waitsForPear(): Promise<void> {
    for (;;) {
      const { rowCount } = await pool.query(`select from pg_locks where relation = 'pear'::regclass and not granted`)
      if (rowCount === 1) return
    }
  }

  test('run in order, once', async () => {
    await write('0002-apple.sql', 'create table apple (pear_id integer references pear)')
    await write('0001-pear.sql', 'create table pear (id integer primary key)')
    assert.deepEqual(await run(), ['0001-pear', '0002-apple'])
    assert.deepEqual(await run(), [])
  })

  test('run once when two services start at the same moment', async () => {
    await write('0001-pear.sql', 'create table pear (id integer primary key)')
    const runs = await Promise.all([run(), run(), run()])
    assert.equal(runs.flat().length, 1)
  })

  test('leave nothing behind when one fails, and name it', async () => {
    await write('0001-pear.sql', 'create table pear (id integer); select no_such_thing')
    await assert.rejects(run(), { name: 'StartProblem', message: /^The migration 0001-pear failed: .*no_such_thing/ })
    const { rows } = await pool.query(
      `select to_regclass('pear') as pear, (select count(*)::int from schema_migration) as n`,
    )
    assert.deepEqual(rows, [{ pear: null, n: 0 }])
  })

  test('refuse a file that was changed after it ran', async () => {
    await write('0001-pear.sql', 'create table pear (id integer)')
    await run()
    await write('0001-pear.sql', 'create table pear (id bigint)')
    await assert.rejects(run(), { name: 'StartProblem', message: /0001-pear was changed after it ran/ })
  })

  test('MIG-3 let the release before start on what the next one only expanded, and refuse it once that contracted', async () => {
    await write('0001-pear.sql', 'create table pear (id integer)')
    const before = await mkdtemp(join(tmpdir(), 'phasegate-migrations-'))
    const runBefore = () => migrate(pool, pathToFileURL(`${before}/`))
    try {
      await writeFile(join(before, '0001-pear.sql'), 'create table pear (id integer)')
      await write('0002-apple.sql', 'create table apple (id integer)')
      await run()
      assert.deepEqual(await runBefore(), [])
      await write('0003-pear-goes.sql', '-- contract since 0002: nothing reads pears any more\ndrop table pear')
      await run()
      await assert.rejects(runBefore(), { name: 'StartProblem', message: /newer than this Phasegate.*0003-pear-goes/ })
      await writeFile(join(before, '0002-apple.sql'), 'create table apple (id integer)')
      assert.deepEqual(await runBefore(), [])
    } finally {
      await rm(before, { recursive: true })
    }
  })

  test('MIG-1 a bad one leaves those before it, and what people wrote, as they were; others are served meanwhile', async () => {
    await write('0001-pear.sql', 'create table pear (id integer)')
    await run()
    await pool.query('insert into pear values (1)')
    await write(
      '0002-apple.sql',
      'create table apple (id integer); update pear set id = 2; select pg_sleep(0.3), 1 / 0',
    )
    const failing = run().catch((error: Error) => error.message)
    const seen = await pool.query('select id from pear')
    assert.deepEqual(seen.rows, [{ id: 1 }])
    assert.match(String(await failing), /^The migration 0002-apple failed: division by zero/)
    assert.deepEqual((await pool.query('select id from pear')).rows, [{ id: 1 }])
    await write('0002-apple.sql', 'create table apple (id integer)')
    assert.deepEqual(await run(), ['0002-apple'], 'a mended one runs')
  })

  test('MIG-4 let requests pass while something else holds a table for long, and run once it has ended', async () => {
    await write('0001-pear.sql', 'create table pear (id integer)')
    await run()
    const holder = await pool.connect()
    await holder.query('begin; select from pear')
    await write('0002-pear-size.sql', 'alter table pear add column size integer')
    const running = run()
    try {
      await waitsForPear()
      // Far longer than a request would wait, so that a slow machine is not taken for a table that stays locked.
      await pool.query(`begin; set local lock_timeout = '30s'; select from pear; commit`)
    } finally {
      await holder.query('commit')
      holder.release()
    }
    assert.deepEqual(await running, ['0002-pear-size'])
  })

  test('MIG-1 take longer than a request may, and need no lock where there is nothing to do', async () => {
    const hasty = new pg.Pool({ ...database.connection, statement_timeout: 400, max: 1 })
    const holder = await pool.connect()
    try {
      await write('0001-pear.sql', 'create table pear (id integer); select pg_sleep(0.8)')
      assert.deepEqual(await migrate(hasty, pathToFileURL(`${folder}/`)), ['0001-pear'])
      const { rows } = await hasty.query('show statement_timeout')
      assert.deepEqual(rows, [{ statement_timeout: '400ms' }], 'requests keep their limit')
      await holder.query('select pg_advisory_lock_shared($1)', [migrationLock])
      assert.deepEqual(await migrate(hasty, pathToFileURL(`${folder}/`)), [], 'as while a backup runs')
    } finally {
      await holder.query('select pg_advisory_unlock_all()')
      holder.release()
      await hasty.end()
    }
  })

  test('refuse a database that is newer than the program', async () => {
    await write('0001-pear.sql', 'create table pear (id integer)')
    await run()
    await pool.query(`insert into schema_migration (number, name, checksum) values (9, '0009-plum', 'x')`)
    await assert.rejects(run(), {
      name: 'StartProblem',
      message: /newer than this Phasegate: it has the migration 0009-plum/,
    })
  })
})

const [oldest] = installedPrograms()
test(
  'every migration runs on the oldest PostgreSQL installed here',
  { skip: !oldest && 'none is installed' },
  async () => {
    const server = await startTestPostgres(oldest)
    try {
      const client = new pg.Client(server.template)
      await client.connect()
      const { rows } = await client.query('select count(*)::int as n from schema_migration')
      await client.end()
      assert.ok(rows[0].n > 0)
    } finally {
      await server.stop()
    }
  },
)
