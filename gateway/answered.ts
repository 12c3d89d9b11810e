import type { Arm } from '../packages/admission/src/index.ts'
import type { Incoming } from './incoming.ts'
import type { Visit } from './visit.ts'

/** An answer that is on its way to a person, as measuring and insertion see it. */
export interface Answered {
  incoming: Incoming
  visit: Visit
  served: Arm
  status: number
  isHtml: boolean
  /** Asked for by `?pg_arm=`: no view of a page. */
  isExplicit: boolean
  encoding: string
  milliseconds: number
  /** What was put into the page on its way; null where nothing was. */
  inserted: { banner: boolean; feedbackLink: boolean; question: boolean } | null
}

/** Looks at a page's bytes after they were passed on. */
export interface Collector {
  take(chunk: Buffer): void
  end(): void
}
