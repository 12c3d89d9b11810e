import { globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { parseSync } from 'oxc-parser'

const project = join(import.meta.dirname, '..', '..')

/** What Phasegate promises when things break, by number. */
export const promises: readonly string[] = [
  'An event that was acknowledged is there after every process was killed',
  'It is there after PostgreSQL alone was killed, and the service recovers by itself',
  'A full disk loses nothing that was acknowledged: new events are refused in time, and all goes on once there is room',
  'A disk that fails or is slow is never turned into an acknowledgement',
  'A connection to the database that is cut, or hangs, loses and doubles nothing, and every answer comes within seconds',
  'A halt works with everything else down, also from the command line of the gateway’s machine, and is recorded later',
  'A halt reaches every stream and the gateway within a quarter of a second',
  'Nobody gets in above the ceiling of the phase, whatever happens at the same time',
  'A cap is exact, however many accept at once',
  'An invitation is used up by one person, and by no scanner that only looks at it',
  'The link for the first person makes one owner, however often it is used at once',
  'What can be read in two ways by two servers is refused at the gateway',
  'The gateway’s own headers can’t be forged, and its passes and the team’s cookies reach no application',
  'Slow clients end, and nobody else waits for them',
  'Connections that do nothing cost little memory',
  'The new service may die, move or be deployed again: people get the current one without an error',
  'Service and gateway restart without a failed request',
  'PostgreSQL restarts in traffic: decisions go on, and what is written meanwhile is refused or kept',
  'Streams that come back all at once come spread, and crash nothing',
  'Memory does not grow with the requests',
  'A clock that jumps lets nobody in twice and makes nothing immortal',
  'The version before works on the new schema; a database that is newer than the program is refused',
  'A backup that was taken in use restores to the same, into an empty installation',
  'Several instances on one database agree: halts, caps, ids, jobs',
  'A second process on one data folder is refused, and the first is unharmed',
  'A session ends with the sign-out, the password or the role, and its streams with it',
  'No page can be called from elsewhere, framed, or led astray by a forged host or redirect',
  'Each URL lets in whom the table of permissions names and nobody else; what is another team’s looks missing',
  'No input of any kind makes the API fail, slow, or show its inside',
  'No single request stops the service',
  'No expression that a team writes can run away',
  'No call that goes out reaches what is inside',
  'What people write is text everywhere: pages, files, mails, chats',
  'Attachments run nothing, lead nowhere and cost bounded memory',
  'OpenFeature’s remote evaluation is answered as its specification says',
  'Guessing and flooding are slowed, by account and by address, and tell nothing of who has an account',
  'No secret stands in the clear in the database, the data folder or a log',
  'An erasure reaches everything of a person',
  'A history that was changed in the database is found, with the first entry that is wrong',
  'No cache gives one person the other’s version',
  'What is installed is what was chosen: digests, one registry, no scripts, compatible licences, a bill of materials',
]

export interface Shown {
  scenarios: string[]
  tests: string[]
}

/** What shows each promise now: scenarios by the number of their file, tests by `[promise N]` in a title. */
export function shownNow(): Shown[] {
  const shown: Shown[] = promises.map(() => ({ scenarios: [], tests: [] }))
  for (const path of globSync('test/chaos/scenarios/*.ts', { cwd: project }).toSorted()) {
    const number = Number(/^(\d\d)-/.exec(basename(path))?.[1] ?? 0)
    shown[number - 1]?.scenarios.push(path)
  }
  const tests = globSync('{service,gateway,packages,bin,test,example}/**/*.test.ts', { cwd: project })
  for (const path of tests.filter((each) => !each.includes('node_modules')).toSorted()) {
    for (const number of promisedIn(readFileSync(join(project, path), 'utf8'))) shown[number - 1]?.tests.push(path)
  }
  return shown
}

/** The numbers in the titles of tests; one in a comment, in a text or in a skipped test proves nothing. */
export function promisedIn(source: string): number[] {
  if (!source.includes('[promise ')) return []
  const numbers = new Set<number>()
  JSON.stringify(parseSync('a.test.ts', source).program, (_key, node: unknown) => {
    for (const [, number] of titleOf(node).matchAll(/\[promise (\d{1,2})\]/g)) numbers.add(Number(number))
    return typeof node === 'bigint' ? String(node) : node
  })
  return [...numbers].toSorted((one, other) => one - other)
}

interface Call {
  type?: string
  callee?: { name?: string }
  arguments?: { value?: unknown; quasis?: { value: { cooked: string } }[] }[]
}

function titleOf(node: unknown): string {
  if (typeof node !== 'object' || node === null) return ''
  const { type, callee, arguments: [title] = [] } = node as Call
  if (type !== 'CallExpression' || !/^(test|it)$/.test(callee?.name ?? '') || title === undefined) return ''
  const parts = title.quasis?.map(({ value }) => value.cooked) ?? [title.value]
  return parts.filter((part) => typeof part === 'string').join('')
}

export function promisePage(): string {
  const link = (path: string): string => `[${path.replace(/^test\/chaos\/scenarios\//, '')}](../${path})`
  const rows = shownNow().map(({ scenarios, tests }, index) => {
    const by = [...scenarios, ...tests].map(link).join('<br>') || 'Not shown yet'
    return `| ${index + 1} | ${promises[index]} | ${by} |`
  })
  const count = rows.filter((row) => !row.endsWith('Not shown yet |')).length
  return `# Promises

What holds when things break, and what shows it: a scenario of \`npm run chaos\` (its figure, and that a planted fault spoils
it), or tests of \`npm test\` with the number in their title. ${count} of ${promises.length} are shown in this repository. Written by
\`npm run promises\`; a test holds each line to it.

| # | promise | shown by |
|---:|---|---|
${rows.join('\n')}
`
}
