/** One line for each thing that was checked, as it happens, and a summary. */
export interface Report {
  check(what: string, proof: () => Promise<string | void>): Promise<void>
  summary(): { passed: number; failed: string[] }
}

export function createReport(say: (line: string) => void): Report {
  let passed = 0
  const failed: string[] = []
  return {
    async check(what, proof) {
      const began = performance.now()
      try {
        const seen = await proof()
        passed++
        say(`ok    ${what}${seen ? `: ${seen}` : ''} (${seconds(began)})`)
      } catch (error) {
        failed.push(what)
        say(`FAIL  ${what} (${seconds(began)})`)
        say(indent(error instanceof Error ? (error.stack ?? error.message) : String(error)))
      }
    },
    summary: () => ({ passed, failed }),
  }
}

function seconds(began: number): string {
  return `${((performance.now() - began) / 1000).toFixed(1)} s`
}

function indent(text: string): string {
  return text
    .split('\n')
    .slice(0, 12)
    .map((line) => `      ${line}`)
    .join('\n')
}

/** Asks again until it holds: for what another process does in its own time. */
export async function eventually<T>(
  ask: () => Promise<T>,
  holds: (answer: T) => boolean,
  limitMs = 30_000,
): Promise<T> {
  const until = performance.now() + limitMs
  for (;;) {
    const answer = await ask()
    if (holds(answer)) return answer
    if (performance.now() > until)
      throw new Error(`still not so after ${limitMs} ms: ${JSON.stringify(answer)?.slice(0, 600)}`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}
