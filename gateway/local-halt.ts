import { mkdirSync, readdirSync, unlinkSync, watch, writeFileSync, type FSWatcher } from 'node:fs'
import { join } from 'node:path'
import type { Log } from './log.ts'

const lookMs = 500
const keyPattern = /^[a-z0-9][a-z0-9-]{0,62}$/

function folderOf(stateDirectory: string): string {
  return join(stateDirectory, 'halt-now')
}

/** GW-3: halts a service of the gateway that runs on this machine, with nothing else up: who may write here may halt. */
export function askForHalt(stateDirectory: string, service: string): void {
  if (!keyPattern.test(service)) throw new RangeError('This is no key of a service')
  mkdirSync(folderOf(stateDirectory), { recursive: true, mode: 0o700 })
  writeFileSync(join(folderOf(stateDirectory), service), '')
}

/** Looks for what `askForHalt` left. */
export function watchLocalHalts(stateDirectory: string, log: Log, halt: (service: string) => void): { close(): void } {
  const folder = folderOf(stateDirectory)
  mkdirSync(folder, { recursive: true, mode: 0o700 })

  function look(): void {
    try {
      for (const service of readdirSync(folder)) {
        if (!keyPattern.test(service)) continue
        halt(service)
        log.warn({ service }, `${service} was halted on this machine`)
        unlinkSync(join(folder, service))
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
