import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { compile, decide, newUnit, type EvaluationContext } from '../../../packages/admission/src/index.ts'
import { client, startApp, type Client, type TestApp } from '../../../test/support/app.ts'

const inNorth = { kind: 'in', attribute: 'region', values: ['north'] }
const phone = 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Mobile/15E148'
const newUrl = 'http://127.0.0.1:9102/new'
const currentUrl = 'http://127.0.0.1:9102/current'

describe('rules on attributes', () => {
  let app: TestApp
  let manager: Client
  before(async () => {
    app = await startApp()
    await app.aService({ key: 'ruled', name: 'Ruled', phase: 'public-beta', door: 'link', newUrl, currentUrl })
    manager = await app.signIn('service-manager', 'ruled')
  })
  after(() => app.close())

  const at = '/api/v1/services/ruled/rules'
  const versionNow = async (): Promise<number> => (await app.asAdmin.api('GET', at)).json.version
  const put = async (rules: object[], by: Client = app.asAdmin) =>
    by.api('PUT', at, { version: await versionNow(), reason: 'Begin in the north', rules })
  const ask = async (context: object) =>
    (await app.asAdmin.api('POST', '/ofrep/v1/evaluate/flags/ruled', { context })).json
  const inProcess = (context: EvaluationContext) => {
    const snapshot = JSON.parse(JSON.stringify(app.phasegate.admission.snapshots.feed().snapshot))
    const decision = decide(compile(snapshot), 'ruled', context, new Date())
    return decision.kind === 'decided' ? [decision.value, decision.rung] : decision.errorCode
  }

  test('ADM-53 a region lets people in by OFREP and in process alike, and nobody whose region is another or unknown', async () => {
    assert.equal((await put([{ name: 'North', when: inNorth }])).status, 200)
    for (const [context, expected] of [
      [{ targetingKey: newUnit(), region: 'north' }, [true, 'rules']],
      [{ targetingKey: newUnit(), region: 'south' }, [false, 'default']],
      [{ targetingKey: newUnit() }, [false, 'default']],
    ] as const) {
      const { value, metadata } = await ask(context)
      assert.deepEqual([value, metadata.rung], expected)
      assert.deepEqual(inProcess(context), expected)
    }
  })

  test('ADM-53 a rule lets in the part of people that it names, and a growing part only adds', async () => {
    const people = Array.from({ length: 400 }, () => ({ targetingKey: newUnit(), region: 'north' }))
    const inAt = async (percent: number): Promise<boolean[]> => {
      await put([{ name: 'North', when: inNorth, percent }])
      return people.map((context) => String(inProcess(context)).startsWith('true'))
    }
    const quarter = await inAt(25)
    const half = await inAt(50)
    const count = (list: boolean[]): number => list.filter(Boolean).length
    assert.ok(count(quarter) > 50 && count(quarter) < 160, `${count(quarter)} of 400`)
    assert.ok(count(half) > count(quarter))
    assert.ok(quarter.every((isIn, person) => !isIn || half[person] === true))
  })

  test('ADM-53 a door knows the device by itself, and whom a rule let in stays in when the rule goes', async () => {
    await put([{ name: 'Phones', when: { kind: 'in', attribute: 'device', values: ['mobile'] } }])
    const { get } = client(app.url, {})
    const desktop = await get('/go/ruled', { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64) Firefox/145.0' })
    assert.equal(desktop.location, currentUrl)
    const mobile = await get('/go/ruled', { 'user-agent': phone })
    assert.equal(mobile.location, newUrl)
    const cookie = mobile.headers.getSetCookie()[0]?.split(';')[0] ?? ''
    const unit = /\.new\.rules\.([\w-]{22})\./.exec(cookie)?.[1] ?? ''
    const { byRung } = (await app.asAdmin.api('GET', '/api/v1/services/ruled/admission')).json
    assert.equal(byRung.rules, 1, 'the ledger heard of it')
    await put([])
    assert.equal((await get('/go/ruled', { cookie })).location, newUrl, 'with the pass')
    assert.equal((await ask({ targetingKey: unit })).value, true, 'and wherever the unit is asked about')
    assert.equal((await get('/go/ruled', { 'user-agent': phone })).location, currentUrl, 'nobody new')
  })

  test('ADM-53 under a cap a rule lets in as many as there are places', async () => {
    await app.aService({ key: 'capped', phase: 'public-beta', door: 'link', newUrl, currentUrl })
    const rules = [{ name: 'Phones', when: { kind: 'in', attribute: 'device', values: ['mobile'] } }]
    await app.asAdmin.api('PUT', '/api/v1/services/capped/rules', { version: 1, reason: 'Phones first', rules })
    await app.asAdmin.api('PUT', '/api/v1/services/capped/cap', { cap: 2 })
    const { get } = client(app.url, {})
    const places: (string | null)[] = []
    for (let person = 0; person < 4; person++) {
      await app.phasegate.admission.snapshots.refresh(null)
      places.push((await get('/go/capped', { 'user-agent': phone })).location)
    }
    assert.deepEqual(places, [newUrl, newUrl, currentUrl, currentUrl])
    const server = { targetingKey: newUnit(), device: 'mobile' }
    const asked = await app.asAdmin.api('POST', '/ofrep/v1/evaluate/flags/capped', { context: server })
    assert.equal(asked.json.value, false, 'by OFREP neither')
  })

  test('ADM-53 below public beta rules can be prepared, and let nobody in [promise 1]', async () => {
    await app.aService({ key: 'early', phase: 'private-beta', newUrl, currentUrl })
    const sent = { version: 1, reason: 'For later', rules: [{ name: 'North', when: inNorth }] }
    assert.equal((await app.asAdmin.api('PUT', '/api/v1/services/early/rules', sent)).status, 200)
    const context = { targetingKey: newUnit(), region: 'north' }
    const { json } = await app.asAdmin.api('POST', '/ofrep/v1/evaluate/flags/early', { context })
    assert.deepEqual([json.value, json.metadata.rung], [false, 'ceiling'])
    const page = await app.signIn('product', 'early').then((person) => person.get('/services/early/admission/rules'))
    assert.match(page.text, /let nobody in yet: they count from public beta on/)
  })

  test('ADM-53 who may set the share may set rules, by a form without script, and history has the reason', async () => {
    const researcher = await app.signIn('researcher', 'ruled')
    assert.equal((await researcher.get('/services/ruled/admission/rules')).status, 200)
    assert.equal((await researcher.get('/services/ruled/admission/rules/rule')).status, 403)
    assert.equal((await put([], researcher)).status, 403)
    const form = {
      ...{ version: String(await versionNow()), id: '', ruleName: 'Our office', match: 'all', percent: '100' },
      ...{ 'attribute-1': 'ip', 'test-1': 'address', 'value-1': '192.0.2.0/24', ruleReason: 'Colleagues try it' },
    }
    const bad = await manager.post('/services/ruled/admission/rules/rule', { ...form, 'value-1': 'the office' })
    assert.equal(bad.status, 422)
    assert.match(bad.text, /Condition 1: enter ranges/)
    const saved = await manager.post('/services/ruled/admission/rules/rule', { ...form, do: 'save' })
    assert.equal(saved.status, 303, saved.text)
    const page = await manager.get('/services/ruled/admission/rules')
    assert.match(page.text, /ip lies in 192\.0\.2\.0\/24/i)
    assert.match(page.text, /Known to the link/)
    const history = await manager.get('/services/ruled/history')
    assert.match(history.text, /changed the rules on attributes/)
    assert.match(history.text, /Colleagues try it/)
    assert.equal((await ask({ targetingKey: newUnit(), ip: '192.0.2.7' })).value, true)
    const ladder = await manager.get('/services/ruled/admission')
    assert.match(ladder.text, /\/services\/ruled\/admission\/rules/)
  })

  test('ADM-53 of two who change the rules at once the second sees both versions, by page and API', async () => {
    const version = await versionNow()
    await put([{ name: 'South', when: { ...inNorth, values: ['south'] } }])
    const late = { version, reason: 'Late', rules: [{ name: 'North', when: inNorth }] }
    const refused = await app.asAdmin.api('PUT', at, late)
    assert.equal(refused.status, 409)
    assert.deepEqual(
      [refused.json.code, refused.json.stored.rules[0].name, refused.json.sent.rules[0].name],
      ['rules-changed', 'South', 'North'],
    )
    const form = {
      ...{ version: String(version), id: '', ruleName: 'West', match: 'all', percent: '100', do: 'save' },
      ...{ 'attribute-1': 'region', 'test-1': 'in', 'value-1': 'west', ruleReason: 'Late too' },
    }
    const page = await manager.post('/services/ruled/admission/rules/rule', form)
    assert.equal(page.status, 409)
    assert.match(page.text, /Both versions/)
    assert.match(page.text, /href="#conflict">[^<]* changed the rules after you had opened this one/)
    assert.match(page.text, /West: region is one of west/)
    const long = await manager.post('/services/ruled/admission/rules/rule', { ...form, ruleName: 'x'.repeat(101) })
    assert.match(long.text, /href="#ruleName">“[^”]+”: use at most 100 characters/)
  })

  test('ADM-53 a rule that does not parse is refused with its place, and so is a pattern that runs away', async () => {
    const unknown = await put([{ name: 'Odd', when: { kind: 'in', attribute: 'region' } }])
    assert.equal(unknown.status, 422)
    assert.match(unknown.text, /The rule Odd is not understood/)
    const wild = await put([{ name: 'Wild', when: { kind: 'pattern', attribute: 'plan', pattern: '^(a+)+$' } }])
    assert.equal(wild.json.code, 'pattern-runs-away')
  })
})
