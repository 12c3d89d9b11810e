import assert from 'node:assert/strict'
import { closeSync, existsSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import pg from 'pg'
import { needsMount, smallDisk } from '../../../test/support/small-disk.ts'
import { until } from '../../../test/support/until.ts'
import { createDiskGuard } from './disk-guard.ts'
import { startEmbedded } from './embedded.ts'

const megabyte = 1024 * 1024
const disk = smallDisk(220)

describe('a full disk', { skip: disk === null && needsMount }, () => {
  test('is told before it is full, and loses nothing that was acknowledged when it is', async () => {
    const said: string[] = []
    const log = {
      info: (line: string) => said.push(line),
      warn: (line: string) => said.push(line),
      error: (line: string) => said.push(line),
    }
    const folder = disk?.folder ?? ''
    const dataDirectory = join(folder, 'data')
    const ballast = join(dataDirectory, 'postgres', 'ballast')
    const database = await startEmbedded({ dataDirectory, log, ballastBytes: 16 * megabyte })
    const guard = createDiskGuard({ directory: dataDirectory, reserveBytes: 20 * megabyte })
    const pool = new pg.Pool({ ...database.connection, max: 2 })
    pool.on('error', () => {})
    try {
      await pool.query('create table kept (n serial, filler text)')
      await until('the ballast is there', async () => existsSync(ballast))
      assert.equal(guard.hasRoom(), true)

      fill(join(folder, 'filler'))
      await until('the guard notices', async () => !guard.hasRoom())
      const acknowledged = await writeUntilRefused(pool)

      process.kill(database.pid, 'SIGKILL')
      await until('PostgreSQL is back', async () => said.some((line) => line.includes('runs again')))
      assert.ok(
        said.some((line) => line.includes('gave back the space set aside')),
        said.join('\n'),
      )
      assert.equal(existsSync(ballast), false)
      const { rows } = await pool.query<{ n: number }>('select count(*)::int as n from kept')
      assert.equal(rows[0]?.n, acknowledged)

      rmSync(join(folder, 'filler'))
      await until('the guard notices', async () => guard.hasRoom())
      await pool.query('insert into kept (filler) values (1)')
    } finally {
      guard.stop()
      await pool.end()
      await database.stop()
      disk?.remove()
    }
  })
})

function fill(path: string): void {
  const file = openSync(path, 'w')
  const block = Buffer.alloc(megabyte, 1)
  try {
    while (statfsSync(path).bavail > 0) writeSync(file, block)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
  } finally {
    closeSync(file)
  }
}

/** How many rows were acknowledged until the database said that it cannot grow. */
async function writeUntilRefused(pool: pg.Pool): Promise<number> {
  for (let acknowledged = 0; acknowledged < 100_000; acknowledged += 100) {
    try {
      await pool.query(`insert into kept (filler) select repeat(md5(random()::text), 60) from generate_series(1, 100)`)
    } catch {
      return acknowledged
    }
  }
  return assert.fail('the disk never was full')
}
