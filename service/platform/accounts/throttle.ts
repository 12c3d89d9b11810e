import type { Context } from '../context.ts'
import { networkOf } from '../http/index.ts'
import { Refusal, type RefusalCode } from '../refusal.ts'
import { giveBackTry, nextTryAt, takeTry } from './throttle-store.ts'

/** So many tries are free; each one after that has to wait twice as long as the one before. */
export interface Allowance {
  free: number
  firstWaitMs: number
  longestWaitMs: number
  /** Tries are forgotten when there was none for so long. */
  forgetMs: number
}

const minute = 60_000
const growing = { firstWaitMs: 2_000, longestWaitMs: 15 * minute, forgetMs: 60 * minute }

/** ACC-10, ACC-11. */
export const allowances = {
  account: { free: 10, ...growing },
  device: { free: 10, ...growing },
  network: { free: 30, ...growing },
  links: { free: 10, ...growing },
  mails: { free: 5, ...growing },
  tokens: { free: 20, ...growing },
  confirming: { free: 10, ...growing },
} satisfies Record<string, Allowance>

export type Counted = { kind: keyof typeof allowances; of: string }

export function fromNetwork(kind: 'network' | 'links' | 'tokens', ip: string): Counted {
  return { kind, of: networkOf(ip) }
}

/** Of a link that is somebody's: others behind the same proxy have no part in it. */
export function ofLink(token: string): Counted {
  return { kind: 'tokens', of: `link ${token}` }
}

/** Counts before it is known how the try ends, so that many at once are not more than one after the other. */
export async function takeTries(
  ctx: Context,
  counted: readonly Counted[],
  code: RefusalCode = 'wait-first',
): Promise<void> {
  const now = ctx.clock.now()
  for (const each of counted) {
    if (await mayTry(ctx, each)) continue
    const next = await nextTryAt(ctx.db, subjectOf(ctx, each))
    ctx.log.warn({ counted: each.kind }, 'tries have to wait')
    throw new Refusal(code, { seconds: Math.max(1, Math.ceil((next.getTime() - now.getTime()) / 1000)) })
  }
}

export function mayTry(ctx: Context, counted: Counted): Promise<boolean> {
  return takeTry(ctx.db, subjectOf(ctx, counted), allowances[counted.kind], ctx.clock.now())
}

/** It was no wrong try: only those count. */
export async function giveBackTries(ctx: Context, counted: readonly Counted[]): Promise<void> {
  for (const each of counted) await giveBackTry(ctx.db, subjectOf(ctx, each))
}

/** Addresses, of mail or network, are not kept: only what the installation's own key makes of them. */
function subjectOf(ctx: Context, { kind, of }: Counted): Buffer {
  return ctx.secrets.mac('throttle', `${kind} ${of.toLowerCase()}`)
}
