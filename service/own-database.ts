import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Config } from './platform/config.ts'
import { startEmbedded, type DatabaseLog, type Embedded } from './platform/database/embedded.ts'

/**
 * The PostgreSQL that comes along. It begins before most of the code is read: after a crash it takes a while to recover, and the
 * code takes one to read. Reading leaves little time for anything else, so it waits until PostgreSQL is under way.
 */
export interface OwnDatabase {
  /** Once the data folder is this process's own; before that nobody may take its ports. Rejects as `ready` does. */
  owned: Promise<void>
  /** Once it gets ready by itself, or has failed, or takes so long that the reading is not worth the wait. Never rejects. */
  underWay: Promise<void>
  ready: Promise<Embedded>
  /** Where its words go, those of before too. */
  hear(words: Words): void
  stop(): Promise<void>
}

interface Words {
  log: DatabaseLog
  /** Told why it does not start; it tries again until it can. */
  waitsFor(problem: string): void
}

const mostReadLaterMs = 500

export function beginOwnDatabase({ dataDirectory, ballastBytes }: Config): OwnDatabase {
  const owned = Promise.withResolvers<void>()
  const underWay = Promise.withResolvers<void>()
  const words = Promise.withResolvers<Words>()
  const giveUp = new AbortController()
  const say = (level: keyof DatabaseLog) => (message: string) => {
    void words.promise.then(({ log }) => log[level](message))
  }
  // What never ran may lack something that a person has to put right: it says so, and ends.
  const ranBefore = existsSync(join(dataDirectory, 'postgres', 'data', 'PG_VERSION'))
  const onWait = (problem: string): void => void words.promise.then(({ waitsFor }) => waitsFor(problem))
  const ready = startEmbedded({
    dataDirectory,
    ballastBytes,
    log: { info: say('info'), warn: say('warn'), error: say('error') },
    onOwn: async () => owned.resolve(),
    onSpawn: underWay.resolve,
    signal: giveUp.signal,
    ...(ranBefore ? { onWait } : {}),
  })
  setTimeout(underWay.resolve, ranBefore ? mostReadLaterMs : 0).unref()
  ready.catch((error: unknown) => {
    owned.reject(error)
    underWay.resolve()
  })
  // Whoever waits for it hears of it; until then nobody does.
  owned.promise.catch(() => {})
  return {
    owned: owned.promise,
    underWay: underWay.promise,
    ready,
    hear: words.resolve,
    async stop() {
      giveUp.abort()
      await ready.then(
        (embedded) => embedded.stop(),
        () => {},
      )
    },
  }
}
