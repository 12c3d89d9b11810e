import { currentSite } from './current/site.ts'
import { newSite } from './new/site.ts'
import { serve } from './web.ts'
import type { Running } from './web.ts'

export type { Running } from './web.ts'

export interface ExampleOptions {
  version: 'current' | 'new'
  /** 0 takes any free port. */
  port: number
  host: string
  /** The old version breaks down at every so many sent applications; 0 for never. */
  failEvery?: number
}

/** Starts one version of "Apply for a resident parking permit". */
export function startExample({ version, port, host, failEvery = 30 }: ExampleOptions): Promise<Running> {
  return serve(version === 'current' ? currentSite({ failEvery }) : newSite(), port, host)
}
