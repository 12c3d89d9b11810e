import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { sql } from 'kysely'
import { parse } from 'parse5'
import { routes } from '../service/routes.ts'
import { type TestApp, startApp } from './support/app.ts'
import { ownedBy } from './support/owned.ts'

interface Node {
  nodeName: string
  attrs?: { name: string; value: string }[]
  childNodes?: Node[]
  value?: string
}

/** What a policy lets run or send; every page has to bring this much. */
const policy: [directive: string, sources: RegExp][] = [
  ['default-src', /^'none'$/],
  ['script-src', /^'self'$/],
  ['style-src', /^'self'$/],
  ['base-uri', /^'none'$/],
  ['frame-ancestors', /^'none'$/],
  ['form-action', /^'self'( http:\/\/[\w.:-]+)?$/],
]

describe('every page, crawled', () => {
  let app: TestApp
  let headers: Record<string, string>
  before(async () => {
    app = await startApp()
    await app.aService()
    await ownedBy(app, 'permit')
    const manager = await app.signIn('service-manager', 'permit')
    await sql`update account set installation = 'owner' where id = ${manager.account.id}`.execute(app.db)
    headers = manager.headers
  })
  after(() => app.close())

  test('Every page has a strict policy and nothing that it forbids, and leads to pages that are there [promise 27]', async () => {
    const found: string[] = []
    const seen = new Set<string>()
    const queue = ['/', '/sign-in', '/account', '/notices', '/tour', '/services/new', '/services/permit']
    while (queue.length > 0 && seen.size < 160) {
      const path = queue.shift() ?? '/'
      // One of each kind: a list of a hundred answers is a hundred times the same page.
      const kind = path.replace(/[?#].*$/, '').replaceAll(/[0-9a-f-]{36}|[2-9A-Z]{4}-[2-9A-Z]{4}/g, ':id')
      if (seen.has(kind)) continue
      seen.add(kind)
      const answer = await app.get(path, headers)
      if (answer.status >= 300 && answer.status < 400) continue
      if (answer.status !== 200) found.push(`${path} answers ${answer.status}`)
      const type = answer.headers.get('content-type') ?? ''
      if (!type.startsWith('text/html')) continue
      found.push(...weakHeaders(answer.headers).map((each) => `${path}: ${each}`))
      const { weak, links } = look(parse(answer.text))
      found.push(...weak.map((each) => `${path}: ${each}`))
      queue.push(...links.filter((href) => !/\/live$|^\/assets\//.test(href)))
    }
    assert.ok(seen.size > 25, `only ${seen.size} pages were found: ${[...seen].join(', ')}`)
    assert.deepEqual(found, [])
  })

  for (const row of routes.filter(({ method }) => method !== 'GET' && method !== 'OPTIONS')) {
    test(`${row.method} ${row.url} with a session is refused from another site [promise 27]`, async () => {
      const path = row.url.replaceAll(/:(\w+)/g, (_, name: string) =>
        name === 'service' ? 'permit' : '00000000-0000-4000-8000-000000000000',
      )
      // A public page does not look at the team's cookie: there is nothing that another site could do in somebody's name.
      const isPublic = /^\/(edge|go|ofrep)\//.test(row.url) || row.needs === 'edge' || row.needs === 'gateway-key'
      for (const from of [
        { 'sec-fetch-site': 'cross-site' },
        { 'sec-fetch-site': 'same-site' },
        { origin: 'https://evil.example' },
        { origin: 'null' },
      ]) {
        const sent = { ...headers, ...from, accept: 'application/json' }
        const response = await fetch(app.url + path, { method: row.method, headers: sent, redirect: 'manual' })
        const isRefused = response.status === 403 && (await response.text()).includes('another site')
        if (!isPublic) assert.ok(isRefused, `${JSON.stringify(from)} answers ${response.status}`)
      }
    })
  }
})

function weakHeaders(headers: Headers): string[] {
  const found: string[] = []
  const csp = new Map(
    (headers.get('content-security-policy') ?? '').split(';').map((each) => {
      const [name = '', ...sources] = each.trim().split(/\s+/)
      return [name, sources.join(' ')] as const
    }),
  )
  for (const [directive, sources] of policy)
    if (!sources.test(csp.get(directive) ?? '')) found.push(`${directive} is “${csp.get(directive)}”`)
  if (/unsafe|\*|data:.*script/.test(headers.get('content-security-policy')?.replace(/img-src[^;]*/, '') ?? ''))
    found.push('the policy lets too much in')
  if (headers.get('x-content-type-options') !== 'nosniff') found.push('no nosniff')
  if (!/no-referrer|same-origin/.test(headers.get('referrer-policy') ?? '')) found.push('no referrer policy')
  if (!/no-store/.test(headers.get('cache-control') ?? '')) found.push('may be kept by caches')
  return found
}

function look(document: unknown): { weak: string[]; links: string[] } {
  const weak: string[] = []
  const links: string[] = []
  const walk = (node: Node): void => {
    const attributes = new Map((node.attrs ?? []).map(({ name, value }) => [name, value]))
    if (node.nodeName === 'script' && !attributes.has('src')) weak.push('a script in the page')
    if (node.nodeName === 'style') weak.push('a style sheet in the page')
    for (const [name, value] of attributes) {
      if (/^on|^style$|^srcdoc$/.test(name)) weak.push(`${node.nodeName} has ${name}`)
      if (/^(href|src|action|formaction)$/.test(name) && /^\s*(javascript|data|vbscript):/i.test(value))
        weak.push(`${name} is ${value.slice(0, 60)}`)
    }
    const href = node.nodeName === 'a' ? attributes.get('href') : undefined
    if (href?.startsWith('/') === true) links.push(href)
    if (attributes.get('target') === '_blank' && !/noopener/.test(attributes.get('rel') ?? ''))
      weak.push('a new window that knows its opener')
    for (const child of node.childNodes ?? []) walk(child)
  }
  walk(document as Node)
  return { weak, links }
}
