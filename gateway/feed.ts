import type { Snapshot } from '../packages/admission/src/index.ts'

/** What the control plane streams to a gateway. Kept on disk; a newer one replaces it only after it was validated. */
export interface GatewayFeed {
  snapshot: Snapshot
  /** Of before each service had keys of its own: they go on verifying what they signed (ADM-33). */
  signingKeys: { kid: string; secret: string }[]
  services: FeedService[]
}

export interface FeedService {
  key: string
  name: string
  /** What the phase banner says, such as `Beta`; null when no label is shown (live). */
  phaseLabel: string | null
  /** IANA zone for days, months and daily salts. */
  timeZone: string
  /** Shown on the holding page and on the page after a halt. */
  contact: string | null
  /** Of this service alone (ADM-33). Newest first: the first signs, all verify. */
  signingKeys: { kid: string; secret: string }[]
  journeys: Journey[]
}

/** A journey as URL patterns: `/apply/*` or `POST /apply/send`; `*` is one segment, `**` the rest. No method means GET. */
export interface Journey {
  id: string
  name: string
  /** Can an application be saved and resumed? Then a transaction stays open past 30 minutes, up to `openDays`. */
  savable: boolean
  openDays: number
  start: { patterns: string[] }
  steps: { id: string; name: string; patterns: string[] }[]
  endings: { id: string; name: string; outcome: 'completed' | 'refused' | 'failed'; patterns: string[] }[]
}
