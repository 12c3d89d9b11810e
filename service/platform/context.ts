import type { Kysely, Transaction } from 'kysely'
import type { Logger } from 'pino'
import type { Clock } from './clock.ts'
import type { Config } from './config.ts'
import type { DiskGuard } from './database/index.ts'
import type { Jobs } from './jobs.ts'
import type { Live } from './live.ts'
import type { Mailer } from './mail/index.ts'
import type { Permission } from './permissions.ts'
import type { SecretBox } from './secret-box.ts'
import type { Outgoing } from './outgoing/index.ts'
import type { Webhooks } from './webhooks/index.ts'

export type Db = Kysely<unknown>
export type Tx = Transaction<unknown>
export type Queryable = Db | Tx

/** What the whole installation shares; built once, by createApp. */
export interface Platform {
  db: Db
  clock: Clock
  config: Config
  mail: Mailer
  live: Live
  jobs: Jobs
  disk: DiskGuard
  outgoing: Outgoing
  webhooks: Webhooks
  log: Logger
  secrets: SecretBox
}

/** One request (or job): the platform, and who acts. */
export interface Context extends Platform {
  actor: Actor
  requestId: string
}

export type Actor =
  | {
      kind: 'account'
      accountId: string
      sessionId: string
      name: string
      email: string
      installation: 'owner' | 'member'
      seenAt: Date
      /** When the person last showed to be that person; null where never (ACC-5). */
      confirmedAt: Date | null
    }
  | {
      kind: 'key'
      keyId: string
      name: string
      keyKind: KeyKind
      service: string | null
      madeAt: Date
      /** Of the secret that was shown; null where it has none (ACC-14). */
      endsAt: Date | null
      /** Narrower than what its kind may; null where it is not (ACC-14). */
      permissions: readonly Permission[] | null
      /** On whose pages a client key works; null is on those of its service (ACC-14). */
      origins: readonly string[] | null
    }
  /** `showsFalseKey`: with a key that is none, or no longer. */
  | { kind: 'anonymous'; showsFalseKey?: true }
  | { kind: 'system'; name: string }

export type Person = Extract<Actor, { kind: 'account' }>

export type KeyKind = 'server' | 'client' | 'admin' | 'gateway'

/** How history names the one who acted. */
export function actorName(actor: Actor): string {
  if (actor.kind === 'account') return actor.name
  if (actor.kind === 'key') return `Key “${actor.name}”`
  return actor.kind === 'system' ? actor.name : 'A participant'
}
