import assert from 'node:assert/strict'
import { request as httpRequest } from 'node:http'
import { describe, test } from 'node:test'
import { parse } from 'parse5'
import { startApp } from './support/app.ts'
import { until } from './support/until.ts'

interface Node {
  nodeName: string
  attrs?: { name: string; value: string }[]
  childNodes?: Node[]
}

describe('addresses and cookies', () => {
  const poison = {
    host: 'evil.example',
    'x-forwarded-host': 'evil.example',
    'x-forwarded-proto': 'gopher',
    forwarded: 'host=evil.example',
  }

  test('A forged Host changes no link, in no page and no mail; PUBLIC_URL alone does [promise 27]', async () => {
    const app = await startApp({ env: { PUBLIC_URL: 'https://phasegate.example.org' } })
    try {
      await app.aService({ door: 'link' })
      const manager = await app.signIn('service-manager', 'permit')
      const owner = await app.signIn('owner')
      const post = (path: string, form: Record<string, string>, as: Record<string, string>) =>
        raw(
          app.url,
          'POST',
          path,
          { ...as, ...poison, 'content-type': 'application/x-www-form-urlencoded' },
          new URLSearchParams(form).toString(),
        )
      await post('/sign-in/link', { address: 'person1@example.org' }, {})
      await post(
        '/services/permit/team',
        { name: 'B. Example', email: 'b@example.org', role: 'viewer' },
        { ...manager.headers, 'sec-fetch-site': 'same-origin' },
      )
      await post(
        '/services/permit/admission/invitations',
        { addresses: 'c@example.org' },
        { ...manager.headers, 'sec-fetch-site': 'same-origin' },
      )
      await app.phasegate.platform.mail.deliverDue()
      assert.ok(app.mails.length >= 2, `${app.mails.length} mails`)
      for (const { text } of app.mails)
        assert.ok(!text.includes('evil') && text.includes('https://phasegate.example.org'), text)
      const pages = [
        '/',
        '/account',
        '/services/permit',
        '/services/permit/admission',
        '/services/permit/settings',
        '/services/permit/deployments',
        '/services/new',
        '/sign-in',
        '/go/permit',
        '/go/permit/waiting',
        '/nothing-here',
      ]
      for (const path of pages) {
        const answer = await raw(app.url, 'GET', path, { ...owner.headers, ...poison })
        assert.ok(!`${answer.text}${JSON.stringify(answer.headers)}`.includes('evil.example'), path)
      }
    } finally {
      await app.close()
    }
  })

  test('Cookies are out of reach of scripts and other sites, and need https where PUBLIC_URL has it [promise 27]', async () => {
    for (const [url, secure] of [
      ['https://phasegate.example.org', true],
      ['http://phasegate.example.org', false],
    ] as const) {
      const app = await startApp({ env: { PUBLIC_URL: url } })
      try {
        await app.aService({ door: 'link', phase: 'public-beta' })
        await app.asAdmin.api('PUT', '/api/v1/services/permit/share', { percent: 50 })
        const person = await app.signIn('member')
        await app.post('/sign-in/link', { address: person.account.email })
        // The answer tells nothing of the account, and so does not wait for the mail.
        await until('the mail with the link', () => app.mails.length > 0)
        const path = /\/sign-in\/link\/[\w-]+/.exec(app.mails.at(-1)?.text ?? '')?.[0] ?? ''
        const given = [
          await app.post(path),
          await app.get('/go/permit'),
          await app.post('/go/permit/choice', { choice: 'current' }),
        ]
        const cookies = given.flatMap(({ headers }) => headers.getSetCookie())
        assert.ok(
          cookies.some((cookie) => cookie.startsWith('phasegate_session=')),
          cookies.join(),
        )
        for (const cookie of cookies) {
          assert.match(cookie, /; HttpOnly/)
          assert.match(cookie, /; SameSite=Lax/)
          assert.equal(/; Secure/.test(cookie), secure, cookie)
          assert.ok(!/; Domain=/i.test(cookie), cookie)
        }
        assert.equal(given[0]?.headers.has('strict-transport-security'), secure)
      } finally {
        await app.close()
      }
    }
  })

  test('After signing in, a person stays here whatever the address asked for [promise 27]', async () => {
    const app = await startApp()
    try {
      const foreign = [
        'https://evil.example',
        '//evil.example',
        '/\\evil.example',
        '\\\\evil.example',
        '/\t/evil.example',
        '/%0d/evil.example',
        'javascript:alert(1)',
        '/\r\nLocation: https://evil.example',
        'http:evil.example',
        '/..//evil.example',
        '/.//evil.example',
        '/x/..//evil.example',
      ]
      for (const to of foreign) {
        const page = await app.get(`/sign-in?to=${encodeURIComponent(to)}`)
        for (const value of hiddenValues(parse(page.text), 'to')) {
          const led = new URL(value, app.url)
          assert.equal(led.origin, new URL(app.url).origin, `${JSON.stringify(to)} leads to ${led.href}`)
        }
      }
      const asked = await app.get('/services/permit')
      assert.match(asked.location ?? '', /^\/sign-in\?to=%2F/)
    } finally {
      await app.close()
    }
  })
})

function hiddenValues(document: unknown, name: string): string[] {
  const found: string[] = []
  const walk = (node: Node): void => {
    const attributes = new Map((node.attrs ?? []).map((each) => [each.name, each.value]))
    if (node.nodeName === 'input' && attributes.get('name') === name) found.push(attributes.get('value') ?? '')
    for (const child of node.childNodes ?? []) walk(child)
  }
  walk(document as Node)
  return found
}

function raw(
  base: string,
  method: string,
  path: string,
  headers: Record<string, string>,
  body?: string,
): Promise<{ status: number; headers: unknown; text: string }> {
  const { hostname, port } = new URL(base)
  return new Promise((resolve, reject) => {
    const sent = {
      accept: 'text/html',
      ...headers,
      ...(body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }),
    }
    const request = httpRequest({ hostname, port, path, method, headers: sent }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
      response
        .on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }))
        .on('error', reject)
    })
    request.on('error', reject)
    request.end(body)
  })
}
