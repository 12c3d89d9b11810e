import type { AuditEntry } from '../audit/index.ts'

/** What another system can be told; the assembly names them (docs/webhooks.md lists them). */
export interface WebhookEvent {
  /** As history calls it: `phase.moved`. */
  type: string
  /** For the list to choose from. */
  says: string
  /** Only endpoints of the whole installation hear it. */
  isOfInstallation?: boolean
  /** What is told besides service, subject and who: nothing personal (HOOK-3). */
  data?(entry: AuditEntry): object
  /** The sentence of history names nobody, so a chat may show it. */
  isPlain?: boolean
}

export type WebhookKind = 'standard' | 'chat'

export interface Webhook {
  id: string
  /** Null: of the whole installation. */
  serviceId: string | null
  kind: WebhookKind
  /** Of a chat the host only: its address is a secret. */
  url: string
  description: string
  events: string[]
  state: 'active' | 'paused' | 'failing'
  createdAt: Date
  failingSince: Date | null
  /** Until when the secret before this one signs too. */
  secretBeforeUntil: Date | null
}

export interface WebhookMessage {
  id: string
  type: string
  createdAt: Date
  state: 'waiting' | 'delivered' | 'failed'
  tries: number
  nextTryAt: Date
  attempts: WebhookAttempt[]
}

export interface WebhookAttempt {
  at: Date
  tookMs: number
  status: number | null
  problem: string | null
  answer: string
}
