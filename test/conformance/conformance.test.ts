import assert from 'node:assert/strict'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import type { BrowserContext } from 'playwright-core'
import { startApp, type TestApp } from '../support/app.ts'
import { launchBrowser } from '../support/browser.ts'
import { browserAsker, nodeAsker, type Asker } from './askers.ts'
import { flags, questions, type FlagForTest } from './questions.ts'
import { openWire, type Wire } from './wire.ts'

/**
 * The evaluation scenarios of OpenFeature's Appendix B (`evaluation_v2`) in our own words, through the official OFREP providers
 * and through ours, against the service. `npm run conformance` runs these alone.
 */
describe('Clients of OpenFeature', () => {
  let app: TestApp
  let wire: Wire
  let site: Server
  let context: BrowserContext
  const keys = { server: '', client: '' }
  const askers: Asker[] = []
  const names = {
    'official for servers': { isOurs: false, isInBrowser: false },
    'official for browsers': { isOurs: false, isInBrowser: true },
    'ours for servers': { isOurs: true, isInBrowser: false },
    'ours for browsers': { isOurs: true, isInBrowser: true },
  }

  before(async () => {
    site = createServer((_request, response) => response.setHeader('content-type', 'text/html').end('<h1>Site</h1>'))
    await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve))
    const page = `http://127.0.0.1:${(site.address() as AddressInfo).port}`
    app = await startApp()
    wire = await openWire(app.url)
    await app.aService({ key: 'desk', phase: 'live', currentUrl: null, newUrl: page })
    for (const kind of ['server', 'client'] as const) {
      keys[kind] = (await app.asAdmin.api('POST', '/api/v1/services/desk/keys', { name: kind, kind })).json.secret
    }
    for (const flag of flags) await add(flag)
    await app.phasegate.admission.snapshots.refresh(null)
    context = await (await launchBrowser()).newContext()
    for (const [name, { isOurs, isInBrowser }] of Object.entries(names)) {
      askers.push(isInBrowser ? await browserAsker(name, isOurs, context, page) : nodeAsker(name, isOurs))
    }
  })
  after(async () => {
    for (const asker of askers) await asker.stop()
    await context.close()
    await wire.stop()
    site.close()
    await app.close()
  })

  async function add({ key, variants, on, off, isOn, rule }: FlagForTest): Promise<void> {
    const at = '/api/v1/services/desk/features'
    const must = async (method: string, path: string, body: object): Promise<void> => {
      const { status, text } = await app.asAdmin.api(method, path, body)
      assert.ok(status < 300, `${method} ${path} answered ${status}: ${text}`)
    }
    const said = { name: key, description: 'To try clients with', appliesTo: 'both', forClients: true }
    await must('POST', at, { kind: 'plan', key, ...said, variants, on, off })
    const rules = rule === undefined ? [] : [{ name: 'Those who are named', ...rule }]
    const reason = 'To try clients with'
    await must('PUT', `${at}/${key}/audience`, { version: 1, reason, percent: rule === undefined ? 100 : 0, rules })
    if (isOn) await must('PUT', `${at}/${key}/switch`, { on: true, reason })
  }

  function asker(name: string): Asker {
    const found = askers.find((each) => each.name === name)
    if (found === undefined) throw new Error(`There is no ${name}`)
    return found
  }

  /** Ours need a key of their kind; the official ones show that none is demanded. */
  function setting({ isOurs, isInBrowser }: Pick<Asker, 'isOurs' | 'isInBrowser'>) {
    return { url: wire.url, key: isOurs ? keys[isInBrowser ? 'client' : 'server'] : null }
  }

  for (const [name, kind] of Object.entries(names)) {
    describe(`The provider that is ${name}`, () => {
      before(async () => {
        await asker(name).start(setting(kind))
      })

      test('is ready (1.7.1, 1.7.3)', async () => assert.equal(await asker(name).status(), 'READY'))

      for (const question of questions) {
        test(`${question.says} (${question.about})`, async () => {
          const found = await asker(name).ask(question)
          const { value, variant, errorCode, reason } = found
          assert.deepEqual(value, question.expect.value)
          assert.equal(found.flagKey, question.key)
          assert.deepEqual(
            { variant, errorCode, reason },
            { variant: question.expect.variant, errorCode: question.expect.errorCode, reason: question.expect.reason },
          )
        })
      }

      test('metadata of a flag is there: the rung that decided and the version (1.4.14)', async () => {
        const { flagMetadata } = await asker(name).ask({ type: 'boolean', key: 'plan-yes', fallback: false })
        assert.equal(flagMetadata.rung, 'default')
        assert.equal(typeof flagMetadata.rolloutVersion, 'number')
      })

      test('what went wrong is said in words (1.4.13)', async () => {
        const { errorMessage } = await asker(name).ask({ type: 'boolean', key: 'plan-nowhere', fallback: false })
        assert.ok((errorMessage ?? '').length > 10 || !kind.isOurs, errorMessage)
      })

      test('hooks of a question are called in their order, and its context stays as it was (1.5.1, 1.4.14.1)', async () => {
        const mail = 'insider@permits.example'
        const found = await asker(name).ask({ type: 'boolean', key: 'plan-yes', fallback: false, context: { mail } })
        assert.deepEqual(found.hooks, ['before 1', 'before 2', 'after 2', 'after 1', 'finally 2', 'finally 1'])
        assert.ok(found.isContextUntouched)
      })
    })
  }

  test('the official provider for browsers says of an answer of before that it is one (1.4.7)', async () => {
    const each = asker('official for browsers')
    const question = {
      type: 'boolean',
      key: 'plan-yes',
      fallback: false,
      context: { targetingKey: 'somebody' },
    } as const
    await each.start({ url: wire.url, key: null, isCached: true })
    await each.ask(question)
    const again = await each.ask(question)
    assert.deepEqual([again.value, again.reason], [true, 'CACHED'])
  })

  for (const [name, kind] of Object.entries(names).filter(([, { isOurs }]) => isOurs)) {
    test(`A provider that is ${name} says what state it is in, and has the default of the code (1.7.4 to 1.7.7)`, async () => {
      const each = asker(name)
      const fallback = { type: 'string', key: 'plan-word', fallback: 'of the code' } as const
      const told = async (): Promise<unknown[]> => {
        const { value, errorCode, reason } = await each.ask(fallback)
        return [await each.status(), value, reason, errorCode]
      }
      wire.hold(true)
      await each.start({ ...setting(kind), waitMs: 60_000 }, false)
      assert.equal(await each.status(), 'NOT_READY')
      if (!kind.isInBrowser) assert.deepEqual(await told(), ['NOT_READY', 'of the code', 'ERROR', 'PROVIDER_NOT_READY'])
      wire.hold(false)
      wire.cut()
      await each.start({ ...setting(kind), waitMs: 50 })
      assert.equal(await each.status(), 'ERROR')
      wire.mend()
      await each.start({ ...setting(kind), key: 'pgk_that_was_never_made' })
      assert.equal(await each.status(), 'FATAL')
      if (!kind.isInBrowser) assert.deepEqual(await told(), ['FATAL', 'of the code', 'ERROR', 'PROVIDER_FATAL'])
      await each.start(setting(kind))
      assert.equal(await each.status(), 'READY')
      wire.cut()
      while ((await each.status()) !== 'STALE') await pause(20)
      wire.mend()
      while ((await each.status()) !== 'READY') await pause(20)
    })
  }

  test('Every answer on the way fits the description of OFREP 0.3.0 [promise 35]', () => {
    assert.deepEqual(wire.problems, [])
    assert.ok(wire.checked > 100, `${wire.checked} were looked at`)
  })
})
