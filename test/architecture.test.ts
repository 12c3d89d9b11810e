import assert from 'node:assert/strict'
import { glob, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { domainMap, violations } from './support/architecture.ts'

const project = fileURLToPath(new URL('..', import.meta.url))

test('the code keeps to the map of domains', async () => {
  const files = new Map<string, string>()
  for await (const path of glob(['service/**/*.ts', 'gateway/**/*.ts', 'packages/**/*.ts', 'example/**/*.ts'], {
    cwd: project,
  })) {
    if (path.includes('node_modules') || path.endsWith('.d.ts')) continue
    files.set(path, await readFile(join(project, path), 'utf8'))
  }
  assert.ok(files.size > 50, `only ${files.size} files were looked at`)
  assert.deepEqual(violations(files), [])
})

test('each rule has a number of its own, and so has each migration', async () => {
  const numbers: string[] = []
  for await (const path of glob('docs/rules/*.md', { cwd: project })) {
    const text = await readFile(join(project, path), 'utf8')
    numbers.push(...[...text.matchAll(/^\*\*([A-Z]+-\d+)\b/gm)].map(([, number = '']) => number))
  }
  for (const name of await readdir(join(project, 'database/migrations'))) numbers.push(name.slice(0, 4))
  assert.ok(numbers.length > 150, `only ${numbers.length} numbers were read`)
  assert.deepEqual(
    numbers.filter((number, at) => numbers.indexOf(number) !== at),
    [],
  )
})

test('the map names every domain that there is, and leads in no circle', async () => {
  const folders = (await readdir(join(project, 'service'), { withFileTypes: true })).filter((entry) =>
    entry.isDirectory(),
  )
  const unknown = folders.map(({ name }) => name).filter((name) => name !== 'platform' && !(name in domainMap))
  assert.deepEqual(unknown, [])
  const reached = (domain: string, path: string[]): void => {
    assert.ok(!path.includes(domain), `${[...path, domain].join(' -> ')} is a circle`)
    for (const next of domainMap[domain] ?? []) reached(next, [...path, domain])
  }
  for (const domain of Object.keys(domainMap)) reached(domain, [])
})

const planted: [what: string, path: string, source: string, expected: RegExp][] = [
  [
    'a package that uses a dependency',
    'packages/admission/src/a.ts',
    `import { z } from 'zod'`,
    /a package stands by itself/,
  ],
  [
    'a package that uses the service',
    'packages/x/src/a.ts',
    `export * from '../../../service/platform/index.ts'`,
    /stands by itself/,
  ],
  [
    'a provider that uses another package behind its face',
    'packages/openfeature-x/src/a.ts',
    `import '../../admission/src/ladder.ts'`,
    /stands by itself/,
  ],
  [
    'a package that is used behind its face',
    'gateway/a.ts',
    `import '../packages/admission/src/rules.ts'`,
    /through its index/,
  ],
  [
    'a gateway that knows the service',
    'gateway/a.ts',
    `import { a } from '../service/platform/index.ts'`,
    /packages only/,
  ],
  [
    'a platform that knows a domain',
    'service/platform/a.ts',
    `import type { S } from '../services/index.ts'`,
    /knows no domain/,
  ],
  [
    'a domain that knows a later one',
    'service/services/a.ts',
    `import { g } from '../gates/index.ts'`,
    /may not know gates/,
  ],
  [
    'a domain that knows a sibling',
    'service/measures/a.ts',
    `const a = await import('../feedback/index.ts')`,
    /may not know feedback/,
  ],
  [
    'a domain that knows a sibling by type',
    'service/measures/a.ts',
    `type A = import('../feedback/index.ts').A`,
    /may not know/,
  ],
  [
    'a domain entered by the window',
    'service/gates/a.ts',
    `import { s } from '../measures/store.ts'`,
    /through its index/,
  ],
  [
    'a domain that is not on the map',
    'service/novelty/a.ts',
    `import { s } from '../measures/index.ts'`,
    /not in the map/,
  ],
  [
    'a service that uses its tests',
    'service/gates/a.ts',
    `import { s } from '../../test/support/app.ts'`,
    /stands around/,
  ],
  ['SQL in a page', 'service/gates/pages/a.ts', `import { sql } from 'kysely'`, /SQL belongs in store/],
  ['a database client in an action', 'service/gates/actions.ts', `import pg from 'pg'`, /SQL belongs in store/],
  ['a setting read in passing', 'service/gates/rules.ts', `export const a = process.env.HOME`, /only config.ts reads/],
  [
    'a setting read by name',
    'service/gates/rules.ts',
    `export const a = process['env']['HOME']`,
    /only config.ts reads/,
  ],
  ['a call past the one way out', 'service/gates/rules.ts', `await fetch('https://a.example')`, /platform\/outgoing/],
  ['a call by another name', 'service/platform/x.ts', `const send = globalThis['fetch']`, /platform\/outgoing/],
  ['a client of its own', 'service/gates/rules.ts', `import { request } from 'undici'`, /platform\/outgoing/],
  ['a request of its own', 'service/platform/mail/x.ts', `import { request } from 'node:https'`, /platform\/outgoing/],
  ['a whole module that calls', 'service/gates/a.ts', `import http from 'node:http'`, /platform\/outgoing/],
  ['a client asked for late', 'service/gates/a.ts', `const { request } = await import('undici')`, /platform\/outgoing/],
  ['a drawer for everything', 'service/gates/date-utils.ts', '', /name it after what it is about/],
  ['a folder for everything', 'service/shared/dates.ts', '', /name it after what it is about/],
]

for (const [what, path, source, expected] of planted) {
  test(`the check finds ${what}`, () => {
    const found = violations(new Map([[path, source]]))
    assert.equal(found.length, 1)
    assert.match(found[0] ?? '', expected)
  })
}

test('the check lets good neighbours be', () => {
  const allowed = new Map([
    ['service/gates/store.ts', `import { sql } from 'kysely'\nimport { read } from '../measures/index.ts'`],
    [
      'service/gates/pages/gate.ts',
      `import type { Kysely } from 'kysely'\nimport { html } from '../../platform/html/index.ts'`,
    ],
    ['service/app.ts', `import { gates } from './gates/index.ts'\nimport { start } from '../gateway/gateway.ts'`],
    ['service/platform/config.ts', `export const home = process.env.HOME`],
    ['gateway/visit.ts', `import { decide } from '../packages/admission/src/index.ts'\nimport { Pool } from 'undici'`],
    ['packages/admission/src/pass.ts', `import { createHmac } from 'node:crypto'\nimport { a } from './a.ts'`],
    ['service/gates/intake.ts', `import type { Pool } from 'pg'`],
    [
      'service/gates/serve.ts',
      `import { createServer, type ClientRequest } from 'node:http'\nimport { isIP } from 'node:net'\nqueue.fetch()`,
    ],
    ['service/platform/outgoing/a.ts', `import { Agent } from 'undici'`],
    ['service/gates/community.ts', `export const a = 1`],
  ])
  assert.deepEqual(violations(allowed), [])
})
