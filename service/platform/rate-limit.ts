import type { Clock } from './clock.ts'
import { networkOf } from './http/network.ts'

/** FEED-8, MEA-15: how much is taken within a minute from what anybody can send, from one origin and for one service. */
export interface RateLimit {
  /** Seconds to wait, or 0 when it may pass. One that floods uses up its own budget, not everybody's. */
  take(service: string, origin: string): number
}

interface Count {
  minute: number
  n: number
}

export function createRateLimit(clock: Clock, limits: { origin: number; service: number }): RateLimit {
  const counts = new Map<string, Count>()
  const count = (key: string, minute: number): number => {
    const known = counts.get(key)
    const n = known?.minute === minute ? known.n + 1 : 1
    counts.set(key, { minute, n })
    return n
  }
  let swept = 0
  return {
    take(service, origin) {
      const now = clock.now().getTime()
      const minute = Math.floor(now / 60_000)
      if (minute !== swept) {
        for (const [key, known] of counts) if (known.minute < minute) counts.delete(key)
        swept = minute
      }
      const over =
        count(`${service}\0${origin}`, minute) > limits.origin || count(`${service}\0`, minute) > limits.service
      return over ? Math.ceil(((minute + 1) * 60_000 - now) / 1000) : 0
    },
  }
}

/** One household, or one small office, is one origin. */
export function originOf(address: string): string {
  return networkOf(address, { ipv4: 24, ipv6: 48 })
}
