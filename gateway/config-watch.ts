import { statSync, watch, type FSWatcher } from 'node:fs'
import { basename, dirname } from 'node:path'
import { GatewayConfigProblem, readGatewayConfig, type GatewayConfig } from './config.ts'
import type { Log } from './log.ts'
import { noProxies, trustedProxies, type TrustedProxies } from './trusted-proxies.ts'

export interface WatchedConfig {
  trustedProxies(): TrustedProxies
  reload(): void
  close(): void
}

const pollMs = 1000

/** GW-7: takes gateway.yaml again when it changes; a version that can't be used is refused and the old one kept. `more` proxies are trusted whatever it says. */
export function watchConfig(
  from: string | GatewayConfig,
  more: readonly string[],
  log: Log,
  take: (config: GatewayConfig) => void,
): WatchedConfig {
  let proxies = noProxies

  function use(config: GatewayConfig): void {
    proxies = trustedProxies([...more, ...config.trustedProxies])
    take(config)
  }

  if (typeof from !== 'string') {
    use(from)
    return { trustedProxies: () => proxies, reload: () => {}, close: () => {} }
  }
  const path = from
  let seen = stamp(path)
  use(readGatewayConfig(path))

  function reload(): void {
    seen = stamp(path)
    try {
      use(readGatewayConfig(path))
      log.info({ path }, `${path} was taken over`)
    } catch (error) {
      if (!(error instanceof GatewayConfigProblem)) log.error({ err: error, path }, `${path} can't be read`)
      else log.error({ path, problems: error.problems }, `${error.message}. The version before it stays in use`)
    }
  }

  function look(): void {
    if (stamp(path) !== seen) reload()
  }

  // Watching tells at once where the system can; looking once a second finds what it missed.
  let watcher: FSWatcher | null = null
  try {
    watcher = watch(dirname(path), (_event, name) => {
      if (name === null || name === basename(path)) look()
    })
    watcher.on('error', () => watcher?.close())
    watcher.unref()
  } catch {
    watcher = null
  }
  const timer = setInterval(look, pollMs).unref()
  return {
    trustedProxies: () => proxies,
    reload,
    close() {
      watcher?.close()
      clearInterval(timer)
    },
  }
}

function stamp(path: string): string {
  try {
    const { mtimeMs, size, ino } = statSync(path)
    return `${mtimeMs} ${size} ${ino}`
  } catch {
    return 'none'
  }
}
