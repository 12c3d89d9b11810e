import type { TestEvent } from 'node:test/reporters'

interface Outcome {
  title: string
  file: string
  outcome: 'passed' | 'failed' | 'skipped'
}

/** Writes what each test found, under its full title: `npm run acceptance` reads the row numbers from it. */
export default async function* titlesReporter(events: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  const outcomes: Outcome[] = []
  const summary: string[] = []
  for await (const event of events) {
    if (event.type === 'test:diagnostic' && /^[a-z_]+ [\d.]+$/.test(event.data.message))
      summary.push(event.data.message)
    if (event.type !== 'test:pass' && event.type !== 'test:fail') continue
    const { name, skip, todo, details, file } = event.data
    if (details.type === 'suite') continue
    const skipped = skip !== undefined || todo !== undefined
    const outcome = skipped ? 'skipped' : event.type === 'test:pass' ? 'passed' : 'failed'
    outcomes.push({ title: name, file: file ?? '', outcome })
  }
  yield `${JSON.stringify({ summary, tests: outcomes }, null, 1)}\n`
}
