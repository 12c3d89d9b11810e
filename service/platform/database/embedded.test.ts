import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chmod, mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import pg from 'pg'
import { until } from '../../../test/support/until.ts'
import { type Embedded, startEmbedded } from './embedded.ts'

const said: string[] = []
const log = {
  info: (line: string) => said.push(line),
  warn: (line: string) => said.push(line),
  error: (line: string) => said.push(line),
}

describe('the database that Phasegate brings', () => {
  let dataDirectory: string
  let database: Embedded
  before(async () => {
    dataDirectory = await mkdtemp('/tmp/phasegate-embedded-')
    database = await startEmbedded({ dataDirectory, log, ballastBytes: 1024 * 1024 })
  })
  after(async () => {
    await database.stop()
    await rm(dataDirectory, { recursive: true, force: true })
  })

  test('is a PostgreSQL 18 that writes to disk before it acknowledges, reached by a socket only', async () => {
    const { rows } = await ask(`select current_setting('server_version_num')::int / 10000 as major,
      current_setting('fsync') as fsync, current_setting('listen_addresses') as addresses`)
    assert.deepEqual(rows, [{ major: 18, fsync: 'on', addresses: '' }])
  })

  test('has the extensions that Phasegate may use', async () => {
    const { rowCount } = await ask(
      `select from pg_available_extensions where name in ('pg_trgm', 'unaccent', 'citext')`,
    )
    assert.equal(rowCount, 3)
  })

  test(
    'ends in the middle of writing down what only the log holds, and that is told to whoever asked for it',
    { skip: process.platform !== 'linux' },
    async () => {
      const { rows } = await ask("select pid from pg_stat_activity where backend_type = 'checkpointer'")
      const [before, checkpointer] = [database.pid, Number(rows[0].pid)]
      process.kill(checkpointer, 'SIGSTOP')
      const asked = database.checkpoint()
      const waits = async () => (await ask("select from pg_stat_activity where query = 'checkpoint'")).rowCount === 1
      await until('it waits', waits)
      process.kill(before, 'SIGKILL')
      process.kill(checkpointer, 'SIGKILL')
      await assert.rejects(asked, /terminat/)
      await until(
        'it is there again',
        async () => database.pid !== before && (await ask('select 1').catch(() => null)) !== null,
      )
    },
  )

  test('lets its folder be entered by its own account alone', async () => {
    assert.equal((await stat(join(dataDirectory, 'postgres'))).mode & 0o777, 0o700)
    assert.equal((await stat(database.connection.host)).mode & 0o777, 0o700)
  })

  test('sets space aside to recover from a full disk', async () => {
    const ballast = join(dataDirectory, 'postgres', 'ballast')
    await until('the ballast is there', async () => (await stat(ballast).catch(() => null))?.size === 1024 * 1024)
  })

  test('refuses a second instance on the same folder with a clear line, and the first goes on', async () => {
    const refused = startEmbedded({ dataDirectory, log })
    await assert.rejects(refused, {
      name: 'StartProblem',
      message: `Phasegate already runs on the data folder ${dataDirectory} (process ${process.pid}). Stop that one first, or set PHASEGATE_DATA to another folder.`,
    })
    assert.equal((await ask('select 1')).rowCount, 1)
  })

  test('comes back by itself, with everything that was acknowledged, when it is killed', async () => {
    await ask('create table kept (n integer)')
    await ask('insert into kept values (7)')
    const { pid } = database
    process.kill(pid, 'SIGKILL')
    await until('what was kept is there again', async () => {
      const kept = await ask('select n from kept').catch(() => null)
      return kept?.rows[0].n === 7 && database.pid !== pid
    })
    assert.ok(said.some((line) => line.includes('PostgreSQL runs again')))
  })

  test('keeps its data when it is stopped and started', async () => {
    await database.stop()
    database = await startEmbedded({ dataDirectory, log, ballastBytes: 0 })
    assert.equal((await ask('select n from kept')).rows[0].n, 7)
  })

  test('says so when a start takes long, and goes on with it', async () => {
    await database.stop()
    database = await startEmbedded({ dataDirectory, log, ballastBytes: 0, longStartMs: 1 })
    assert.ok(said.some((line) => line.startsWith('PostgreSQL has been starting for')))
    assert.equal((await ask('select n from kept')).rows[0].n, 7)
  })

  test('gives up a start when it is told to, and leaves no process and no lock behind', async () => {
    await database.stop()
    const refused = startEmbedded({ dataDirectory, log, ballastBytes: 0, signal: AbortSignal.abort() })
    await assert.rejects(refused)
    assert.ok(!existsSync(join(dataDirectory, 'postgres', 'data', 'postmaster.pid')))
    database = await startEmbedded({ dataDirectory, log, ballastBytes: 0 })
    assert.equal((await ask('select n from kept')).rows[0].n, 7)
  })

  test(
    'starts after a kill although another process has the number of the database by now',
    { skip: process.platform !== 'linux' },
    async () => {
      const { uid, gid } = await stat(join(dataDirectory, 'postgres', 'data'))
      await database.stop()
      const other = spawn('sleep', ['60'], { ...(process.getuid?.() === 0 ? { uid, gid } : {}), stdio: 'ignore' })
      const locks = [
        join(dataDirectory, 'postgres', 'data', 'postmaster.pid'),
        join(database.connection.host, '.s.PGSQL.5432.lock'),
      ]
      for (const path of locks) await writeFile(path, `${other.pid}\n`)
      database = await startEmbedded({ dataDirectory, log, ballastBytes: 0 })
      assert.equal((await ask('select n from kept')).rows[0].n, 7)
      assert.equal(other.exitCode, null)
      other.kill()
    },
  )

  async function ask(sql: string) {
    const client = new pg.Client({ ...database.connection, connectionTimeoutMillis: 2000 })
    client.on('error', () => {})
    await client.connect()
    try {
      return await client.query(sql)
    } finally {
      await client.end()
    }
  }
})

test('a path too long for a socket still gives a working database', async () => {
  const parent = await mkdtemp('/tmp/phasegate-embedded-')
  await chmod(parent, 0o711)
  const database = await startEmbedded({ dataDirectory: join(parent, 'x'.repeat(120)), log, ballastBytes: 0 })
  try {
    const client = new pg.Client(database.connection)
    await client.connect()
    await client.end()
  } finally {
    await database.stop()
    await rm(parent, { recursive: true, force: true })
    await rm(database.connection.host, { recursive: true, force: true })
  }
})

test('a folder that the database account cannot enter is named', { skip: process.getuid?.() !== 0 }, async () => {
  const closed = await mkdtemp('/tmp/phasegate-embedded-')
  const refused = startEmbedded({ dataDirectory: join(closed, 'data'), log })
  await assert.rejects(
    refused,
    (error: Error) => error.name === 'StartProblem' && error.message.includes(`inside ${closed}`),
  )
  await rm(closed, { recursive: true })
})
