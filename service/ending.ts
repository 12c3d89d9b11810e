/** What was started, in order; ended in the opposite one. */
const started: { name: string; end: () => Promise<unknown> }[] = []
let ending: Promise<void> | null = null
let endedBy: NodeJS.Signals | null = null

/** A signal can come while things still start: what starts after it is ended at once. */
export class Interrupted extends Error {}

export async function startedAs(name: string, stop: () => Promise<unknown>): Promise<void> {
  if (ending === null) return void started.push({ name, end: stop })
  await stop()
  throw new Interrupted()
}

/** Ends all that was started, the last first; once, however often it is asked for. */
export function end(): Promise<void> {
  ending ??= (async () => {
    for (const { name, end: stop } of started.toReversed()) {
      await stop().catch((error: unknown) => console.error(`${name} did not stop cleanly:`, error))
    }
  })()
  return ending
}

export function isEnding(): boolean {
  return ending !== null
}

/** Ctrl-C is somebody who waits; TERM is a supervisor that gives time. */
export function endsOn(signals: readonly NodeJS.Signals[]): void {
  for (const signal of signals) {
    process.on(signal, () => {
      endedBy = signal
      void end().then(() => process.exit(0))
    })
  }
}

export function isEndedBy(signal: NodeJS.Signals): boolean {
  return endedBy === signal
}
