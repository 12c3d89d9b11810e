/**
 * Places are given out one after the other, under one row's lock (ADM-19). More transactions at once than this only wait
 * for each other with a connection in hand that others need; whoever comes next waits here instead.
 */
const together = 4

interface Line {
  running: number
  waiting: (() => void)[]
}

const lines = new Map<string, Line>()

/** Runs the work when it is this service's turn to give out places. */
export async function inTurn<T>(serviceId: string, work: () => Promise<T>): Promise<T> {
  const line = lines.get(serviceId) ?? { running: 0, waiting: [] }
  lines.set(serviceId, line)
  if (line.running >= together) await new Promise<void>((resolve) => line.waiting.push(resolve))
  else line.running++
  try {
    return await work()
  } finally {
    const next = line.waiting.shift()
    if (next !== undefined) next()
    else if (--line.running === 0) lines.delete(serviceId)
  }
}
