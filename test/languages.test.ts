import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { newPassExpiry, newUnit, signPass, verifyPass } from '../packages/admission/src/index.ts'
import { startApp, type TestApp } from './support/app.ts'
import { letIn } from './support/invited.ts'
import { build, languages, missing, type Language } from './support/languages.ts'

describe('What docs/languages shows', () => {
  let app: TestApp
  let unit: string
  before(async () => {
    app = await startApp()
    await app.aService({ key: 'permit', phase: 'private-beta' })
    unit = await letIn(app, 'permit', 'a@example.org')
    // Asking for the state waits for the snapshot to be read again.
    await app.asAdmin.api('GET', '/api/v1/services/permit/admission')
  })
  after(() => app.close())

  for (const language of languages) {
    test(
      `ADM-4 ${language.name} asks over HTTP who gets in, and has a default when nobody answers`,
      {
        skip: missing(language),
      },
      () => tryFlag(language),
    )
  }

  test('MEA-8 the events that are shown are taken as they stand, with the answer that is shown', async () => {
    await app.aService({ key: 'parking-permit' })
    const made = await app.asAdmin.api('POST', '/api/v1/services/parking-permit/keys', { name: 'app', kind: 'server' })
    const text = await readFile(new URL('../docs/languages/README.md', import.meta.url), 'utf8')
    const [, events = ''] = /-d '(\{\s+"events"[^']*)'/.exec(text) ?? []
    const [, answer = ''] = /(\{ "stored".*)/.exec(text) ?? []
    const now = app.clock.now().toISOString()
    const body = JSON.parse(events.replaceAll(/"time": "[^"]*"/g, `"time": "${now}"`))
    const sent = await app.api('POST', '/api/v1/events', body, { authorization: `Bearer ${made.json.secret}` })
    assert.deepEqual([sent.status, sent.json], [200, JSON.parse(answer)])
  })

  test('ADM-33 the keys that verify passes of a service are given to a gateway key of that service, and to no other', async () => {
    await app.aService({ key: 'another' })
    const made = async (kind: string): Promise<Record<string, string>> => {
      const key = await app.asAdmin.api('POST', '/api/v1/services/permit/keys', { name: kind, kind })
      return { authorization: `Bearer ${key.json.secret}` }
    }
    const path = '/api/v1/gateway/pass-keys'
    const own = await app.api('GET', path, undefined, await made('gateway'))
    assert.deepEqual([own.status, own.json.service, own.json.keys.length], [200, 'permit', 2])
    const [newest] = own.json.keys
    const given = {
      service: 'permit',
      arm: 'new',
      rung: 'invited',
      unit,
      expiresAt: newPassExpiry(new Date()),
    } as const
    const pass = signPass({ ...given, kid: newest.kid }, newest.secret)
    const { id } = app.phasegate.admission.snapshots.compiled().services.get('permit') ?? { id: '' }
    const held = app.phasegate.admission.snapshots.keysOf(id)
    assert.equal(verifyPass(pass, 'permit', held, new Date())?.unit, unit)
    const foreign = await app.api('GET', `${path}?service=another`, undefined, await made('gateway'))
    assert.equal(foreign.status, 404)
    for (const kind of ['server', 'client']) {
      assert.equal((await app.api('GET', `${path}?service=permit`, undefined, await made(kind))).status, 404, kind)
    }
    assert.equal((await app.asAdmin.api('GET', `${path}?service=permit`)).status, 404)
    const all = await app.asGateway.api('GET', `${path}?service=another`)
    assert.equal(all.json.service, 'another')
    assert.notEqual(all.json.keys[0].secret, newest.secret)
    assert.equal((await app.asGateway.api('GET', path)).status, 400, 'of several, it has to be said which')
  })

  /** No object, no value, no whole answer. */
  const oddAnswers = [
    'content-length: 1\r\n\r\n5',
    'content-length: 14\r\n\r\n{"value":null}',
    'content-length: 99\r\n\r\n{"value":true',
  ]

  async function tryFlag(language: Language): Promise<void> {
    const program = build(language, language.flag)
    try {
      // The time that a page may wait is short; that of a busy machine that starts a compiler's runtime is not.
      const env = { PHASEGATE_URL: app.url, PHASEGATE_TIMEOUT: '60' }
      assert.deepEqual(await program.run(['permit', unit], env), ['true new TARGETING_MATCH'])
      assert.deepEqual(await program.run(['permit', newUnit()], env), ['false current STATIC'])
      assert.deepEqual(await program.run(['permit', 'a "quoted" customer\\7 Ü'], env), ['false current STATIC'])
      assert.deepEqual(await program.run(['nothing', unit], env), ['false ERROR'])
      assert.deepEqual(await program.run(['permit', unit], { ...env, PHASEGATE_URL: 'http://127.0.0.1:9' }), [
        'false ERROR',
      ])
      for (const odd of oddAnswers) {
        const { url, close } = await answeringWith(`HTTP/1.1 200 OK\r\n${odd}`)
        assert.deepEqual(await program.run(['permit', unit], { ...env, PHASEGATE_URL: url }), ['false ERROR'], odd)
        await close()
      }
    } finally {
      program.remove()
    }
  }
})

describe('The verifiers of passes in docs/languages', () => {
  const now = new Date()
  const keys = [
    { kid: 'k2', secret: 'the newer secret, with an Ü' },
    { kid: 'k-1_', secret: 'the older secret' },
  ]
  const [newer, older] = keys as [{ kid: string; secret: string }, { kid: string; secret: string }]

  for (const language of languages.filter(({ verifier }) => verifier !== null)) {
    test(
      `ADM-5 ADM-6 ${language.name} takes the passes that Phasegate takes, and no other`,
      {
        skip: missing(language),
      },
      () => tryVerifier(language, language.verifier ?? ''),
    )
  }

  async function tryVerifier(language: Language, file: string): Promise<void> {
    const program = build(language, file)
    try {
      const cookies = passes()
      const said = await program.run(['parking', ...cookies], { PHASEGATE_PASS_KEYS: JSON.stringify({ keys }) })
      const expected = cookies.map((cookie) => {
        const pass = verifyPass(cookie, 'parking', keys, now)
        return pass === null ? 'no pass' : `${pass.arm} ${pass.rung} ${pass.unit}`
      })
      assert.equal(expected.filter((each) => each !== 'no pass').length, 27)
      assert.deepEqual(said, expected)
    } finally {
      program.remove()
    }
  }

  /** Twenty-seven that count, and many that do not. */
  function passes(): string[] {
    const given = { service: 'parking', arm: 'new', rung: 'invited', expiresAt: newPassExpiry(now) } as const
    const genuine = Array.from({ length: 25 }, () =>
      signPass({ ...given, unit: newUnit(), kid: newer.kid }, newer.secret),
    )
    const [one = ''] = genuine
    const [kid, arm, rung, unit = '', exp, mac = ''] = one.split('.')
    const joined = (...fields: (string | number | undefined)[]): string => fields.join('.')
    const changed = mac.startsWith('A') ? 'B' : 'A'
    return [
      ...genuine,
      signPass({ ...given, unit: newUnit(), kid: older.kid }, older.secret),
      signPass({ ...given, unit: newUnit(), kid: newer.kid, arm: 'current', rung: 'share' }, newer.secret),
      signPass({ ...given, unit, kid: newer.kid, service: 'permits' }, newer.secret),
      signPass({ ...given, unit, kid: newer.kid }, older.secret),
      signPass({ ...given, unit, kid: 'k9' }, newer.secret),
      signPass({ ...given, unit, kid: newer.kid, expiresAt: new Date(now.getTime() - 1_000) }, newer.secret),
      joined(kid, 'current', rung, unit, exp, mac),
      joined(kid, arm, 'staff', unit, exp, mac),
      joined(kid, arm, rung, newUnit(), exp, mac),
      joined(kid, arm, rung, unit, Number(exp) + 1, mac),
      joined(kid, arm, rung, unit, `0${exp}`, mac),
      joined(kid, arm, rung, unit, exp, changed + mac.slice(1)),
      joined(kid, arm, rung, unit, exp, ''),
      joined(kid, arm, rung, unit, exp),
      `${one}\n`,
      `${one}=`,
      `${one}.x`,
      ` ${one}`,
      one.slice(0, -1),
      one.replace(/^k2/, 'k２'),
      one.replaceAll('.', ' '),
      '.....',
      'x'.repeat(5_000),
      '',
    ]
  }
})

/** Byte by byte: node:http would send no such answer. */
async function answeringWith(text: string): Promise<{ url: string; close(): Promise<unknown> }> {
  const server = createServer((socket) => {
    socket.on('error', () => {})
    // A program may send head and body apart; the body ends in the braces of its object.
    let asked = ''
    socket.on('data', (piece) => {
      asked += String(piece)
      if (asked.endsWith('}')) socket.end(text)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => new Promise((resolve) => server.close(resolve)),
  }
}
