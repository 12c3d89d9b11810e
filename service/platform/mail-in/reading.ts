import { Worker } from 'node:worker_threads'
import type { Letter } from './desk.ts'

/** Null for what no person wrote. */
export type Reading = { letter: Letter | null } | 'unreadable'

const longestMs = 15_000

/**
 * Strangers decide what a mail looks like, and one can be made to take minutes: each is read in a thread of its own, one at a
 * time, with an end. What is not read in time is 'late', since the machine may be busy.
 */
export function createReader(domain: string): (raw: Buffer) => Promise<Reading | 'late'> {
  let last: Promise<unknown> = Promise.resolve()
  return (raw) => {
    const next = last.then(() => readApart(raw, domain))
    last = next.catch(() => {})
    return next
  }
}

async function readApart(raw: Buffer, domain: string): Promise<Reading | 'late'> {
  const worker = new Worker(new URL('./letter-worker.ts', import.meta.url), {
    workerData: { raw, domain },
    resourceLimits: { maxOldGenerationSizeMb: 256 },
    execArgv: [],
  })
  let late: NodeJS.Timeout | undefined
  try {
    return await new Promise<Reading | 'late'>((resolve, reject) => {
      late = setTimeout(resolve, longestMs, 'late')
      worker.once('message', resolve)
      worker.once('error', (error: Error & { code?: string }) =>
        error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? resolve('unreadable') : reject(error),
      )
    })
  } finally {
    clearTimeout(late)
    await worker.terminate()
  }
}
