import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, afterEach, before, beforeEach, describe, test } from 'node:test'
import { gunzipSync, gzipSync } from 'node:zlib'
import pg from 'pg'
import { databaseUrl, runCommand } from '../../../test/support/command-line.ts'
import { testDatabase, type TestDatabase } from '../../../test/support/database.ts'
import { migrateWithin, readMigrations } from '../database/index.ts'
import { mustNotBeHalfRestored } from './restore.ts'

/** A backup and a restore with a PostgreSQL of one's own; the drill with the embedded one is in test/restore-drill.test.ts. */
describe('a backup', () => {
  let folder: string
  let source: TestDatabase
  let target: TestDatabase
  let from: pg.Client
  let to: pg.Client
  let sourceEnv: Record<string, string>
  let targetEnv: Record<string, string>
  let file: string
  const empty = 'drop schema public cascade; create schema public'

  before(async () => {
    source = await testDatabase()
    target = await testDatabase()
    from = new pg.Client(source.connection)
    to = new pg.Client(target.connection)
    await Promise.all([from.connect(), to.connect()])
  })
  after(async () => {
    await Promise.all([from.end(), to.end()])
    await Promise.all([source.drop(), target.drop()])
  })
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'phasegate-backup-'))
    file = join(folder, 'kept.phasegate-backup')
    sourceEnv = { DATABASE_URL: databaseUrl(source.connection), PHASEGATE_DATA: join(folder, 'source') }
    targetEnv = { DATABASE_URL: databaseUrl(target.connection), PHASEGATE_DATA: join(folder, 'target') }
    await from.query(empty)
    await to.query(empty)
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  /** As the newest version, or one before, left it. */
  async function installed(leaveOut = 0): Promise<void> {
    const all = await readMigrations()
    await from.query('begin')
    await migrateWithin(from, all.slice(0, all.length - leaveOut))
    await from.query('commit')
    await from.query(`insert into account (email, name, installation, created_at) values
      ('zoë@example.org', E'Zoë "tab\\t" back\\\\slash\\nline \\\\.', 'owner', '2026-11-25T12:00:00.123456Z')`)
    await from.query(`insert into service (key, name, door, new_url, time_zone, phase, phase_since, created_at)
      values ('permit', 'Permit', 'gateway', 'http://127.0.0.1:1', 'Europe/London', 'private-beta', now(), now())`)
    await from.query(`select event_partition('2026-11-24'), event_partition('2026-11-25')`)
    await from.query(`insert into event (service_id, id, time, received_at, name, flags)
      select id, 'e' || n, '2026-11-24T23:59:59.5Z'::timestamptz + n * interval '0.1 s', now(), 'start', '{"a": 1.50}'
      from service, generate_series(1, 2000) n`)
    await from.query(`insert into feedback (service_id, reference, sent_id, received_at, channel, comment, state)
      select id, '2345-ABCD', 'one', now(), 'page', 'Ünïcode “quotes” ,;', 'new' from service`)
  }
  const backUp = () => runCommand(['backup', file], sourceEnv)
  const restore = () => runCommand(['restore', file], targetEnv)
  const nothingThere = async () => {
    const { rows } = await to.query(`select count(*)::int as n from pg_tables where schemaname = 'public'`)
    const files = existsSync(join(folder, 'target')) ? await readdir(join(folder, 'target')) : []
    assert.deepEqual([rows[0].n, files], [0, []])
  }
  const content = async (client: pg.Client) => {
    const { rows } = await client.query<{ name: string }>(
      `select tablename as name from pg_tables where schemaname = 'public' and tablename not in ('audit', 'schema_migration') order by 1`,
    )
    const all: Record<string, unknown> = {}
    for (const { name } of rows)
      all[name] = (await client.query(`select t::text as row from ${name} t order by 1`)).rows
    return all
  }

  test('brings back every row of every table, into an empty database, and nothing is readable by others [promise 23]', async () => {
    await installed()
    const told = await backUp()
    assert.equal(told.code, 0, told.err)
    assert.equal(statSync(file).mode & 0o777, 0o600)
    assert.deepEqual(await readdir(folder), ['kept.phasegate-backup'], 'no half-written file is left')
    const restored = await restore()
    assert.equal(restored.code, 0, restored.err)
    assert.deepEqual(await content(to), await content(from))
    const next = async (client: pg.Client) =>
      (await client.query(`select nextval(pg_get_serial_sequence('feedback', 'arrival')) as n`)).rows
    assert.deepEqual(await next(to), await next(from), 'numbers go on where they were')
    await assert.rejects(to.query('delete from audit'), /append-only/, 'triggers are in force again')
    await assert.rejects(to.query(`update feedback set service_id = gen_random_uuid()`), /foreign key/)
    const checked = await runCommand(['verify'], targetEnv)
    assert.equal(checked.code, 0, checked.out)
    assert.match((await runCommand(['backup', file], sourceEnv)).err, /exists already/)
  })

  test('is as of one moment, however much is written meanwhile', async () => {
    await installed()
    await from.query(`create table pair_a (n integer); create table pair_z (n integer);
      insert into pair_a values (0); insert into pair_z values (0)`)
    let goesOn = true
    const writer = new pg.Client(source.connection)
    await writer.connect()
    const writing = (async () => {
      for (let n = 1; goesOn; n += 1) await writer.query(`update pair_a set n = ${n}; update pair_z set n = ${n}`)
    })()
    const told = await backUp()
    goesOn = false
    await writing
    await writer.end()
    assert.equal(told.code, 0, told.err)
    const text = gunzipSync(readFileSync(file)).toString('utf8')
    const values = ['pair_a', 'pair_z'].map(
      (name) => new RegExp(`"table":"${name}".*\\n\\d+\\n(\\d+)\\n`).exec(text)?.[1],
    )
    assert.ok(values[0] !== undefined && values[0] === values[1], values.join())
  })

  test('that is damaged, cut off or changed is refused, and nothing is touched [promise 23]', async () => {
    await installed()
    await backUp()
    const whole = readFileSync(file)
    const flipped = Buffer.from(whole)
    const middle = whole.length >> 1
    flipped.writeUInt8(whole.readUInt8(middle) ^ 0x10, middle)
    const plain = gunzipSync(whole)
    const changed = gzipSync(Buffer.from(plain.toString('latin1').replace('"arrival"', '"arrivaL"'), 'latin1'))
    const lineLost = gzipSync(
      Buffer.from(plain.toString('latin1').replace('\n0\n{"rows":1,', ' 0\n{"rows":1,'), 'latin1'),
    )
    const withoutEnd = gzipSync(plain.subarray(0, plain.lastIndexOf('{"end"')))
    for (const [what, bytes] of Object.entries({
      flipped,
      cut: whole.subarray(0, whole.length - 9),
      half: whole.subarray(0, whole.length >> 1),
      changed,
      lineLost,
      withoutEnd,
      other: Buffer.from('something else'),
      nothing: Buffer.alloc(0),
    })) {
      writeFileSync(file, bytes)
      const refused = await restore()
      assert.equal(refused.code, 1, what)
      assert.match(refused.err, /The backup .* cannot be used: its? /, what)
      assert.equal((await runCommand(['verify', file], sourceEnv)).code, 1, what)
      await nothingThere()
    }
    assert.match((await runCommand(['restore', join(folder, 'none')], targetEnv)).err, /There is no file/)
  })

  test('is not restored over anything', async () => {
    await installed()
    await backUp()
    await to.query('create table something (n integer)')
    assert.match((await restore()).err, /already holds 1 tables.*empty installation/)
    await to.query(empty)
    assert.equal((await restore()).code, 0)
    assert.match((await restore()).err, /already holds \d+ tables/)
  })

  test('of an earlier version is brought up to this one; of a later one it is refused', async () => {
    const all = await readMigrations()
    await installed(all.length - 8)
    await from.query(`insert into audit (at, actor_kind, actor_name, action, summary, request_id)
      values (now(), 'system', 'Phasegate', 'a.b', 'did it', 'r')`)
    await backUp()
    const restored = await restore()
    assert.equal(restored.code, 0, restored.err)
    assert.match(restored.out, /Brought up to this version: 0009-audit-chain/)
    assert.equal((await runCommand(['verify'], targetEnv)).code, 0)

    rmSync(file)
    await to.query(empty)
    await from.query(empty)
    await installed()
    await from.query(`insert into schema_migration (number, name, checksum) values (9999, '9999-plum', 'x')`)
    await backUp()
    assert.match((await restore()).err, /newer than this Phasegate: it has the migration 9999-plum/)
    await nothingThere()
  })

  test('that does not fit together leaves nothing behind, and the installation that it came from is told so', async () => {
    await installed()
    await from.query(`set session_replication_role = replica; update feedback set service_id = gen_random_uuid();
      set session_replication_role = origin`)
    const checked = await runCommand(['verify'], sourceEnv)
    assert.equal(checked.code, 1)
    assert.match(checked.out, /✖ References: 1 rows of feedback/)
    await backUp()
    await assert.rejects(restore(), /foreign key/)
    await nothingThere()
  })

  test('can be tried: verify --restore puts it into a database of its own and checks that', async () => {
    await installed()
    await backUp()
    const tried = await runCommand(['verify', file, '--restore'], sourceEnv)
    assert.equal(tried.code, 0, tried.err)
    assert.match(
      tried.out,
      /is whole[\s\S]*It can be restored[\s\S]*✔ Schema[\s\S]*✔ Rows[\s\S]*✔ References[\s\S]*✔ History/,
    )
  })

  test('half restored is no installation: a start is refused until the restore has come to its end', async () => {
    await installed()
    await backUp()
    const pool = new pg.Pool(target.connection)
    try {
      await restore()
      const mark = join(folder, 'target', 'restore-unfinished')
      writeFileSync(mark, '')
      await mustNotBeHalfRestored(join(folder, 'target'), pool)
      assert.ok(!existsSync(mark), 'the database came last: all of it is there')
      await to.query(empty)
      writeFileSync(mark, '')
      writeFileSync(join(folder, 'target', 'gateway.yaml'), 'left behind')
      await assert.rejects(mustNotBeHalfRestored(join(folder, 'target'), pool), /did not come to its end/)
      assert.equal((await restore()).code, 0, 'it can be run again')
    } finally {
      await pool.end()
    }
  })
})
