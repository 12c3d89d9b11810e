import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
  } catch {
    return false
  }
  return stateOf(pid) !== 'Z'
}

/** Linux tells them in /proc; elsewhere none are known. */
export function childrenOf(parent: number): number[] {
  return processes().filter((pid) => Number(fieldsOf(pid)[1]) === parent)
}

/** Sends a signal where the process still is. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

/** The postmaster that serves the data folder of an installation. */
export function postmasterOf(dataDirectory: string): number | null {
  const cluster = join(dataDirectory, 'postgres', 'data')
  try {
    const pid = Number(readFileSync(join(cluster, 'postmaster.pid'), 'utf8').split('\n')[0])
    return isAlive(pid) && readlinkSync(`/proc/${pid}/cwd`) === cluster ? pid : null
  } catch {
    return null
  }
}

/** A process and all below it, ended without a chance to object, stopped ones too. */
export function endTree(pid: number): void {
  const below = childrenOf(pid)
  signal(pid, 'SIGKILL')
  for (const child of below) endTree(child)
}

function processes(): number[] {
  try {
    return readdirSync('/proc')
      .map(Number)
      .filter((pid) => pid > 0)
  } catch {
    return []
  }
}

function stateOf(pid: number): string {
  return fieldsOf(pid)[0] ?? ''
}

/** State, parent and the rest: what follows the name, which may hold anything. */
function fieldsOf(pid: number): string[] {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return text.slice(text.lastIndexOf(')') + 2).split(' ')
  } catch {
    return []
  }
}
