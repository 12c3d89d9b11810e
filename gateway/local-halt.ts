import {
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  unlinkSync,
  watch,
  writeFileSync,
  type FSWatcher,
} from 'node:fs'
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { z } from 'zod'
import type { Log } from './log.ts'

/** A halt that an account on the gateway's machine asked for. */
export interface LocalHalt {
  id: string
  at: string
  by: string
  reason: string
}

const lookMs = 500
const inForce = '.in-force'
const namePattern = /^([a-z0-9][a-z0-9-]{0,62})(\.in-force)?$/
const shape = z.object({
  id: z.uuid(),
  at: z.iso.datetime(),
  by: z.string().min(1).max(200),
  reason: z.string().max(2000),
})

function folderOf(stateDirectory: string): string {
  return join(stateDirectory, 'halt-now')
}

/**
 * GW-3: halts a service of the gateway that runs on this machine, with nothing else up: who may write here may halt.
 * The gateway takes the file away when the halt is in force; `isAsked` says whether it has. False when there was no room to
 * say who and why.
 */
export function askForHalt(stateDirectory: string, service: string, asked: Omit<LocalHalt, 'id'>): boolean {
  if (namePattern.exec(service)?.[1] !== service) throw new RangeError('This is no key of a service')
  const folder = folderOf(stateDirectory)
  ownFolder(folder, stateDirectory)
  const path = join(folder, service)
  const beside = join(folder, `.${service}.${process.pid}`)
  try {
    writeFileSync(beside, JSON.stringify({ id: randomUUID(), ...asked }), { mode: 0o644, flush: true })
    renameSync(beside, path)
    return true
  } catch {
    // The name alone halts, and needs no room on a full disk.
    writeFileSync(path, '', { mode: 0o644 })
    return false
  }
}

/**
 * The keys of the services beside the feed, in clear: the feed is sealed, and whoever halts on this machine is told of a key
 * that there is not. Where they cannot be written there are none, since old ones would refuse the halt of a new service.
 */
export function openServiceNames(
  directory: string,
  log: Log,
): { put(services: readonly { key: string }[], write: (path: string, text: string) => void): void } {
  const path = join(directory, namesFile)
  let kept = ''
  return {
    put(services, write) {
      const text = JSON.stringify(services.map(({ key }) => key))
      if (text === kept) return
      try {
        write(path, text)
        kept = text
      } catch (error) {
        log.error({ err: error }, 'The keys of the services could not be kept on disk')
        rmSync(path, { force: true })
      }
    },
  }
}

const namesFile = 'services.json'

/** Those that the gateway of this machine knows; none where that cannot be read, which must not keep anybody from halting. */
export function knownServices(stateDirectory: string): string[] {
  try {
    return z.array(z.string()).parse(JSON.parse(readFileSync(join(stateDirectory, 'feed', namesFile), 'utf8')))
  } catch {
    return []
  }
}

/** Has the gateway not taken it up yet? */
export function isAsked(stateDirectory: string, service: string): boolean {
  return existsSync(join(folderOf(stateDirectory), service))
}

/** Root may ask before the gateway ever ran; the gateway's own account must be able to read it. */
function ownFolder(folder: string, stateDirectory: string): void {
  if (existsSync(folder)) return
  mkdirSync(folder, { mode: 0o700 })
  const { uid, gid } = statSync(stateDirectory)
  if (process.getuid?.() === 0) chownSync(folder, uid, gid)
}

/**
 * Looks for what `askForHalt` left. `halt` puts it in force and says whether it is on disk too; what is not, as on a full
 * disk, stays under a name of its own until it is, so that a restart finds it.
 */
export function watchLocalHalts(
  stateDirectory: string,
  log: Log,
  halt: (service: string, asked: LocalHalt) => boolean,
): { close(): void } {
  const folder = folderOf(stateDirectory)
  mkdirSync(folder, { recursive: true, mode: 0o700 })

  function look(): void {
    try {
      for (const name of readdirSync(folder)) {
        const [, service, wasInForce] = namePattern.exec(name) ?? []
        if (service === undefined) continue
        const path = join(folder, name)
        const isKept = halt(service, read(path))
        if (wasInForce === undefined) log.warn({ service }, `${service} was halted on this machine`)
        if (isKept) unlinkSync(path)
        else if (wasInForce === undefined) renameSync(path, `${path}${inForce}`)
      }
    } catch (error) {
      log.error({ err: error, folder }, 'Halts asked for on this machine can not be read')
    }
  }

  let watcher: FSWatcher | null = null
  try {
    watcher = watch(folder, look)
    watcher.on('error', () => watcher?.close())
    watcher.unref()
  } catch {
    watcher = null
  }
  const timer = setInterval(look, lookMs).unref()
  look()
  return {
    close() {
      watcher?.close()
      clearInterval(timer)
    },
  }
}

/** Whatever the file holds, its name halts. */
function read(path: string): LocalHalt {
  const nobodyKnown = { id: randomUUID(), at: statSync(path).mtime.toISOString(), by: '', reason: '' }
  try {
    return shape.parse(JSON.parse(readFileSync(path, 'utf8')))
  } catch {
    return nobodyKnown
  }
}
