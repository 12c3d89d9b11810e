import { z } from 'zod'
import type { ControlPlane } from './control-plane.ts'
import type { FeedKeeper } from './feed-keeper.ts'
import type { Log } from './log.ts'

const everyMs = 1_000
const restMs = 30_000
const answer = z.object({ ended: z.boolean() })

/**
 * GW-3: tells the control plane of the halts made on this machine, until its feed speaks of them: then they stand in
 * history, hold for every gateway, and end where every halt ends.
 */
export function reportLocalHalts(keeper: FeedKeeper, controlPlane: ControlPlane, log: Log): { close(): void } {
  let busy = false
  const restUntil = new Map<string, number>()

  async function tell(): Promise<void> {
    for (const { service, ...halt } of keeper.localHalts()) {
      if (performance.now() < (restUntil.get(halt.id) ?? 0)) continue
      const { status, body } = await controlPlane.send('/api/v1/gateway/halts', { service, ...halt })
      const said = answer.safeParse(body)
      if (status === 200 && said.success) {
        if (said.data.ended) keeper.lift(service, halt.id)
      } else if (status < 500) {
        log.warn({ service, status }, 'The control plane does not take a halt made on this machine; it stands here')
        restUntil.set(halt.id, performance.now() + restMs)
      }
    }
  }

  const timer = setInterval(() => {
    if (busy || keeper.localHalts().length === 0) return
    busy = true
    tell()
      // Away; that was said when it went.
      .catch(() => {})
      .finally(() => (busy = false))
  }, everyMs).unref()
  return { close: () => clearInterval(timer) }
}
