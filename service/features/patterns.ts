import { Worker } from 'node:worker_threads'

export type PatternVerdict = 'safe' | 'runs-away' | 'unknown'

const perPatternMs = 10_000
/** Loading what checks takes seconds on a busy machine. */
const loadMs = 20_000

/**
 * FEAT-5: can a regular expression run away on 256 characters? Asked in a thread of its own, since finding out can take long
 * too: what is not known in time is not known to be safe.
 */
export async function checkPatterns(patterns: readonly string[]): Promise<PatternVerdict[]> {
  if (patterns.length === 0) return []
  const worker = new Worker(new URL('./pattern-worker.ts', import.meta.url), {
    workerData: { patterns, perPatternMs },
    resourceLimits: { maxOldGenerationSizeMb: 512 },
    execArgv: [],
  })
  try {
    return await verdictsOf(worker, patterns)
  } finally {
    await worker.terminate()
  }
}

function verdictsOf(worker: Worker, patterns: readonly string[]): Promise<PatternVerdict[]> {
  return new Promise((resolve) => {
    const late = setTimeout(() => giveUp(), loadMs + patterns.length * perPatternMs)
    const giveUp = () => {
      clearTimeout(late)
      resolve(patterns.map(() => 'unknown'))
    }
    worker.once('message', (verdicts: PatternVerdict[]) => {
      clearTimeout(late)
      resolve(verdicts)
    })
    // Too much memory, or a bug in what checks: the pattern is not known to be safe.
    worker.once('error', giveUp)
  })
}
