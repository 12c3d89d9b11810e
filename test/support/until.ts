import { setTimeout as pause } from 'node:timers/promises'

/** Asks again until it holds, for what comes in its own time; the limit ends only what would never come. */
export async function until(what: string, holds: () => boolean | Promise<boolean>, limitMs = 90_000): Promise<void> {
  const end = performance.now() + limitMs
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`Not within ${limitMs / 1000} s: ${what}`)
    await pause(20)
  }
}
