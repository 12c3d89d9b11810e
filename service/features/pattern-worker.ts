import { createRequire } from 'node:module'
import { parentPort, workerData } from 'node:worker_threads'
import type { Diagnostics, checkSync } from 'recheck'
import type { PatternVerdict } from './patterns.ts'

// The build without the programs that the package would otherwise start.
const recheck = createRequire(import.meta.url)('recheck/lib/browser.js') as { checkSync: typeof checkSync }

/** Subjects are cut at 256 characters: what grows with the square of that is still quick. */
const mostDegree = 2

function verdictOf(found: Diagnostics): PatternVerdict {
  if (found.status === 'safe') return 'safe'
  if (found.status === 'unknown') return 'unknown'
  const { complexity } = found
  return complexity.type === 'polynomial' && complexity.degree <= mostDegree ? 'safe' : 'runs-away'
}

const { patterns, perPatternMs } = workerData as { patterns: string[]; perPatternMs: number }
const verdicts = patterns.map((pattern) => verdictOf(recheck.checkSync(pattern, 'u', { timeout: perPatternMs })))
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a port of a thread has no origin
parentPort?.postMessage(verdicts)
