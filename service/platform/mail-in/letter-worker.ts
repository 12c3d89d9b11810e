import { parentPort, workerData } from 'node:worker_threads'
import { readLetter } from './letter.ts'
import type { Reading } from './reading.ts'

const { raw, domain } = workerData as { raw: Uint8Array; domain: string }
const reading: Reading = await readLetter(Buffer.from(raw), domain).then(
  (letter) => ({ letter }),
  () => 'unreadable',
)
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a port of a thread has no origin
parentPort?.postMessage(reading)
