import { randomBytes } from 'node:crypto'
import { chmod, link, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { sql } from 'kysely'
import type { Config } from '../config.ts'
import type { Db } from '../context.ts'
import { newSecretKey, openSecretBox, SealedByAnotherKey, type SecretBox } from '../secret-box.ts'
import { StartProblem } from '../start-problem.ts'

const fileName = 'secret.key'

/** PHASEGATE_SECRET_KEY, else the file in the data folder, made at the first start. There is no default key. */
export async function secretBoxOf(config: Pick<Config, 'secretKeys' | 'dataDirectory'>): Promise<SecretBox> {
  if (config.secretKeys.length > 0) return openSecretBox(config.secretKeys)
  const path = join(config.dataDirectory, fileName)
  return openSecretBox((await readKeys(path)) ?? (await makeKey(path)))
}

async function readKeys(path: string): Promise<string[] | null> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null
    throw new StartProblem(`The key file ${path} cannot be read: ${error.message}.`)
  })
  if (text === null) return null
  const keys = text.split(/\s+/).filter((line) => line !== '')
  if (keys.length === 0 || keys.some((key) => key.length < 43))
    throw new StartProblem(`The key file ${path} must hold one key a line, of 43 characters or more. Put it back.`)
  await chmod(path, 0o600)
  return keys
}

/** Whole or not at all, and never over one that somebody made meanwhile. */
async function makeKey(path: string): Promise<string[]> {
  const part = `${path}.${randomBytes(4).toString('hex')}`
  await writeFile(part, `${newSecretKey()}\n`, { mode: 0o600, flush: true })
  await link(part, path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error
  })
  await rm(part)
  const keys = await readKeys(path)
  if (keys === null) throw new StartProblem(`The key file ${path} went away while it was made.`)
  return keys
}

/** A database of another key is refused before anything is written into it (ACC-13). */
export async function checkSecretKey(db: Db, secrets: SecretBox): Promise<void> {
  const purpose = 'check'
  const fresh = secrets.seal(purpose, 'phasegate')
  await sql`insert into secret_key_check (sealed) values (${fresh}) on conflict do nothing`.execute(db)
  const { rows } = await sql<{ sealed: string }>`select sealed from secret_key_check`.execute(db)
  const sealed = rows[0]?.sealed ?? fresh
  try {
    secrets.open(purpose, sealed)
  } catch (cause) {
    if (!(cause instanceof SealedByAnotherKey)) throw cause
    throw new StartProblem(
      `This database was written with another secret key. Put ${fileName} of its data folder back, or set PHASEGATE_SECRET_KEY to that key. Several instances on one database need the same key.`,
      { cause },
    )
  }
  if (!secrets.isCurrent(sealed)) await sql`update secret_key_check set sealed = ${fresh}`.execute(db)
}
