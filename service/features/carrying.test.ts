import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import fc from 'fast-check'
import { decide, newUnit, type Decision } from '../../packages/admission/src/index.ts'
import { startApp, type Client, type TestApp } from '../../test/support/app.ts'

const isOn = (decision: Decision): boolean => decision.kind === 'decided' && decision.value === true

describe('people of a feature', () => {
  let app: TestApp
  let growth: Client
  let developer: Awaited<ReturnType<TestApp['signIn']>>
  before(async () => {
    app = await startApp()
    await app.aService({ key: 'kept', name: 'Kept', phase: 'public-beta' })
    growth = await app.signIn('growth', 'kept')
    developer = await app.signIn('developer', 'kept')
  })
  after(() => app.close())

  const at = '/api/v1/services/kept/features'
  const refresh = (): Promise<void> => app.phasegate.admission.snapshots.refresh(null)
  const versionOf = async (key: string): Promise<number> => (await app.asAdmin.api('GET', `${at}/${key}`)).json.version

  /** Lets these units into the service, as a gateway reports them. */
  async function letIn(units: readonly string[]): Promise<void> {
    const reports = units.map((unit) => ({
      ...{ service: 'kept', unit, kind: 'admitted', rung: 'share' },
      at: app.clock.now().toISOString(),
    }))
    const { status, text } = await app.asGateway.api('POST', '/api/v1/gateway/reports', { reports })
    assert.equal(status, 200, text)
  }

  async function aFeature(name: string): Promise<string> {
    const { json } = await developer.api('POST', at, { kind: 'plan', name, description: 'A feature of the plan' })
    return json.key
  }

  async function put(key: string, path: 'audience' | 'switch', body: object): Promise<void> {
    const sent = { version: await versionOf(key), reason: 'As planned', ...body }
    const { status, text } = await growth.api('PUT', `${at}/${key}/${path}`, sent)
    assert.equal(status, 200, text)
  }

  /** By a new salt. */
  async function draw(key: string): Promise<void> {
    const sent = { reason: 'The first draw was lopsided', sure: true }
    const { status, text } = await growth.api('POST', `${at}/${key}/salt`, sent)
    assert.equal(status, 200, text)
  }

  /** Which of these have it now. */
  async function having(key: string, units: readonly string[]): Promise<Set<string>> {
    await refresh()
    const compiled = app.phasegate.admission.snapshots.compiled()
    return new Set(units.filter((unit) => isOn(decide(compiled, key, { targetingKey: unit }, app.clock.now()))))
  }

  const act = fc.oneof(
    fc.record({ kind: fc.constant('share' as const), percent: fc.integer({ min: 0, max: 99 }) }),
    fc.constant({ kind: 'off' as const }),
    fc.constant({ kind: 'on' as const }),
    fc.constant({ kind: 'newcomers' as const }),
    fc.constant({ kind: 'salt' as const }),
  )

  test('FEAT-18 whoever has a feature keeps it through any shares, pauses, restarts and new draws, and a smaller share adds nobody', async () => {
    let number = 0
    await fc.assert(
      fc.asyncProperty(fc.array(act, { minLength: 3, maxLength: 7 }), async (acts) => {
        const key = await aFeature(`Plan ${(number += 1)}`)
        const units = Array.from({ length: 30 }, newUnit)
        await letIn(units)
        await put(key, 'audience', { percent: 50 })
        await put(key, 'switch', { on: true })
        let isSwitchedOn = true
        let share = 50
        let had = await having(key, units)
        for (const each of acts) {
          app.clock.advance(60_000)
          if (each.kind === 'newcomers') {
            const more = Array.from({ length: 10 }, newUnit)
            await letIn(more)
            units.push(...more)
            had = had.union(isSwitchedOn ? await having(key, more) : new Set())
            continue
          }
          if (each.kind === 'share') await put(key, 'audience', { percent: each.percent })
          else if (each.kind === 'salt') await draw(key)
          else await put(key, 'switch', { on: each.kind === 'on' })
          if (each.kind === 'on' || each.kind === 'off') isSwitchedOn = each.kind === 'on'
          const now = await having(key, units)
          if (!isSwitchedOn) assert.equal(now.size, 0, 'off is off')
          else {
            assert.ok(had.isSubsetOf(now), `${[...had.difference(now)].length} were dropped`)
            const isSmaller = each.kind === 'share' && each.percent <= share
            if (isSmaller) assert.deepEqual(now, had, 'nobody was added')
            had = now
          }
          if (each.kind === 'share') share = each.percent
        }
      }),
      { numRuns: 6 },
    )
  })

  describe('a share that could not count', () => {
    /** A service of its own in public beta with people in it, and a feature of it in public release, off. */
    async function aPlace(name: string) {
      const service = name.toLowerCase().replaceAll(' ', '-')
      await app.aService({ key: service, name, phase: 'public-beta' })
      const api = `/api/v1/services/${service}`
      const must = async (method: string, path: string, body: object, as: Client = app.asAdmin) => {
        app.clock.advance(60_000)
        const { status, text, json } = await as.api(method, `${api}${path}`, { reason: 'As planned', ...body })
        assert.ok(status < 300, `${method} ${path}: ${status} ${text}`)
        return json
      }
      const flag = { kind: 'release', name: `${name} flag`, description: 'A feature', forClients: true }
      const { key } = await must('POST', '/features', flag)
      const version = async (of = key): Promise<number> =>
        (await app.asAdmin.api('GET', `${api}/features/${of}`)).json.version
      for (const to of ['internal-release', 'beta-release', 'public-release'])
        await must('POST', `/features/${key}/stage`, { version: await version(), to })
      await must('PUT', `/features/${key}/switch`, { version: await version(), on: true })
      const manager = await app.signIn('service-manager', service)
      const report = async (units: readonly string[], what: object): Promise<void> => {
        const at = app.clock.now().toISOString()
        const reports = units.map((unit) => ({ service, unit, at, ...what }))
        const { status, text } = await app.asGateway.api('POST', '/api/v1/gateway/reports', { reports })
        assert.equal(status, 200, text)
      }
      return {
        letIn: (units: readonly string[]) => report(units, { kind: 'admitted', rung: 'share' }),
        choose: (units: readonly string[], value: 'current' | 'new') => report(units, { kind: 'choice', value }),
        both: async () => {
          const sent = { version: await version(), appliesTo: 'both' }
          assert.equal((await app.asAdmin.api('PATCH', `${api}/features/${key}`, sent)).status, 200)
        },
        phase: (to: string) => must('POST', '/phase', { to, waiver: 'As planned' }),
        share: async (percent: number, of = key) =>
          must('PUT', `/features/${of}/audience`, { version: await version(of), percent }),
        /** A flag without stages that is on for nobody yet. */
        async addPlan(): Promise<string> {
          const plan = await must('POST', '/features', { ...flag, kind: 'plan', name: `${name} plan` })
          await must('PUT', `/features/${plan.key}/audience`, { version: await version(plan.key), percent: 0 })
          await must('PUT', `/features/${plan.key}/switch`, { version: await version(plan.key), on: true })
          return plan.key
        },
        stage: async (to: string) => must('POST', `/features/${key}/stage`, { version: await version(), to }),
        draw: () => must('POST', `/features/${key}/salt`, { sure: true }),
        halt: () => must('POST', '/halt', {}),
        resume: () => must('POST', '/resume', {}, manager),
        /** Which of these OFREP gives the feature. */
        async having(units: readonly string[], of = key): Promise<Set<string>> {
          await refresh()
          const answers = units.map(async (targetingKey) => {
            const context = { targetingKey }
            const { json } = await app.asAdmin.api('POST', `/ofrep/v1/evaluate/flags/${of}`, { context })
            return json.value === true ? [targetingKey] : []
          })
          return new Set((await Promise.all(answers)).flat())
        },
        /** How many the page of the feature says to be carried by name. */
        async carried(): Promise<number> {
          const { text } = await manager.get(`/services/${service}/features/${key}`)
          return Number(/([\d,]+) kept from a larger share/.exec(text)?.[1]?.replaceAll(',', '') ?? 0)
        },
      }
    }

    test('FEAT-18 a share that was set and made smaller while the service was below open is kept by nobody', async () => {
      const place = await aPlace('Set too early')
      const units = Array.from({ length: 100 }, newUnit)
      await place.letIn(units)
      await place.phase('private-beta')
      await place.share(80)
      await place.share(20)
      await place.phase('public-beta')
      const now = await place.having(units)
      await place.share(0)
      assert.deepEqual(await place.having(units), now, 'whoever had the 20% keeps it')
      assert.equal(await place.carried(), now.size)
      assert.ok(now.size < 50, `${now.size} of 100 have a share of 20%`)
    })

    test('FEAT-18 whoever had it before the service shut keeps it, whoever came while it was shut does not', async () => {
      const place = await aPlace('Open before')
      const [early, late] = [Array.from({ length: 30 }, newUnit), Array.from({ length: 30 }, newUnit)]
      await place.letIn(early)
      await place.share(80)
      const had = await place.having(early)
      await place.phase('private-beta')
      app.clock.advance(60_000)
      await place.letIn(late)
      await place.share(0)
      assert.equal((await place.having([...early, ...late])).size, 0, 'the phase is the ceiling')
      await place.phase('public-beta')
      assert.deepEqual(await place.having([...early, ...late]), had)
      assert.equal(await place.carried(), had.size)
    })

    test('FEAT-18 a share that stood only during a halt is kept by nobody, and one from before it is', async () => {
      const place = await aPlace('Halted meanwhile')
      const units = Array.from({ length: 40 }, newUnit)
      await place.letIn(units)
      await place.share(30)
      const had = await place.having(units)
      await place.halt()
      await place.share(90)
      await place.share(0)
      await place.resume()
      assert.deepEqual(await place.having(units), had)
    })

    test('FEAT-18 what was open in an earlier stage of a feature is kept by those who were there', async () => {
      const place = await aPlace('Sent back')
      const [early, late] = [Array.from({ length: 30 }, newUnit), Array.from({ length: 30 }, newUnit)]
      await place.letIn(early)
      await place.share(80)
      const had = await place.having(early)
      await place.stage('beta-release')
      app.clock.advance(60_000)
      await place.letIn(late)
      await place.share(0)
      await place.stage('public-release')
      assert.deepEqual(await place.having([...early, ...late]), had)
    })

    test('FEAT-21 after a new salt only what that one opened counts', async () => {
      const place = await aPlace('Drawn and shut')
      const units = Array.from({ length: 40 }, newUnit)
      await place.letIn(units)
      await place.share(20)
      await place.draw()
      const had = await place.having(units)
      await place.phase('private-beta')
      await place.share(90)
      await place.draw()
      await place.share(0)
      await place.phase('public-beta')
      assert.deepEqual(await place.having(units), had, 'nobody was drawn while it was shut')
    })

    test('FEAT-18 whoever had gone back to the current service then has no feature to keep, but one for both arms', async () => {
      for (const isForBoth of [false, true]) {
        const place = await aPlace(isForBoth ? 'For both arms' : 'For the new arm')
        if (isForBoth) await place.both()
        const units = Array.from({ length: 40 }, newUnit)
        await place.letIn(units)
        app.clock.advance(60_000)
        await place.choose(units, 'current')
        await place.share(60)
        const had = await place.having(units)
        assert.equal(had.size > 0, isForBoth)
        await place.share(0)
        assert.deepEqual(await place.having(units), had)
        app.clock.advance(60_000)
        await place.choose(units, 'new')
        assert.deepEqual(await place.having(units), had, 'nor do they on coming back')
      }
    })

    test('FEAT-18 somebody whose place does not count in the phase has no feature of its new arm to keep', async () => {
      const place = await aPlace('Above the ceiling')
      const key = await place.addPlan()
      const units = Array.from({ length: 40 }, newUnit)
      await place.letIn(units)
      await place.phase('private-beta')
      await place.share(90, key)
      await place.share(0, key)
      await place.phase('public-beta')
      assert.equal((await place.having(units, key)).size, 0)
    })
  })

  test('FEAT-21 a new salt says first what it does, keeps whoever has the feature, and draws the others afresh', async () => {
    const key = await aFeature('Drawn twice')
    await developer.api('PATCH', `${at}/${key}`, { version: await versionOf(key), appliesTo: 'both' })
    const page = `/services/kept/features/${key}/plan/salt`
    const units = Array.from({ length: 60 }, newUnit)
    await letIn(units)
    await put(key, 'audience', { percent: 50 })
    await put(key, 'switch', { on: true })
    const had = await having(key, units)
    const strangers = Array.from({ length: 60 }, newUnit)
    const drawn = await having(key, strangers)
    const effect = (await growth.api('GET', `${at}/${key}/salt`)).json
    assert.deepEqual([effect.drawnOfOthers, effect.changedWithoutPass], [0.5, 0.5])
    const asked = await growth.get(page)
    assert.match(asked.text, new RegExp(`${effect.stay} people, kept in by name`))
    assert.match(asked.text, /It cannot be taken back: the old draw is forgotten/)
    assert.match((await growth.get(`/services/kept/features/${key}`)).text, new RegExp(`href="${page}"`))
    assert.equal((await growth.post(page, { saltReason: 'Lopsided' })).status, 422)
    assert.deepEqual(await having(key, strangers), drawn, 'nothing was drawn yet')
    assert.equal((await developer.get(page)).status, 403)
    assert.equal((await developer.api('POST', `${at}/${key}/salt`, { reason: 'Lopsided', sure: true })).status, 403)
    assert.equal((await growth.post(page, { saltReason: 'Lopsided', sure: 'yes' })).status, 303)

    const now = await having(key, units)
    assert.ok(had.isSubsetOf(now), 'whoever has it keeps it')
    assert.ok(now.size > had.size && now.size < units.length, `${now.size - had.size} of the others`)
    assert.notDeepEqual(await having(key, strangers), drawn, 'whom nobody knows by name is drawn again')
    await put(key, 'audience', { percent: 0 })
    assert.deepEqual(await having(key, units), now, 'they keep it by name')
    const later = (await growth.api('GET', `${at}/${key}/salt`)).json
    assert.ok(later.stay >= now.size && later.stay > effect.stay, `${later.stay} would stay then`)
    assert.match((await growth.get('/services/kept/history')).text, /drawn afresh for .* by a new salt/)
  })

  test('FEAT-18 a key that the service never saw follows the share', async () => {
    const key = await aFeature('Never seen')
    await developer.api('PATCH', `${at}/${key}`, { version: await versionOf(key), appliesTo: 'both' })
    const strangers = Array.from({ length: 60 }, newUnit)
    await put(key, 'switch', { on: true })
    await put(key, 'audience', { percent: 50 })
    assert.ok((await having(key, strangers)).size > 0)
    await put(key, 'audience', { percent: 0 })
    assert.equal((await having(key, strangers)).size, 0)
  })

  test('FEAT-19 the team takes a feature from one person by name, and gives it back, by page and API', async () => {
    const key = await aFeature('By name')
    const person = newUnit()
    const other = newUnit()
    await letIn([person, other])
    await put(key, 'switch', { on: true })
    const both = [person, other]
    assert.equal((await having(key, both)).size, 2)
    const support = await app.signIn('support', 'kept')
    const page = `/services/kept/features/${key}/people`
    assert.match((await support.post(`${page}/removals`, { person })).text, /Say why/)
    const removed = await support.post(`${page}/removals`, { person, personReason: 'The person asked for it' })
    assert.equal(removed.status, 303, removed.text)
    assert.deepEqual(await having(key, both), new Set([other]))
    assert.match((await support.get(page)).text, /The person asked for it/)
    const context = { targetingKey: person }
    const { json } = await app.asAdmin.api('POST', `/ofrep/v1/evaluate/flags/${key}`, { context })
    assert.deepEqual([json.value, json.metadata.rung], [false, 'removed'])
    assert.equal((await developer.api('POST', `${at}/${key}/removals`, { who: other, reason: 'No right' })).status, 403)
    const byAddress = await growth.api('POST', `${at}/${key}/removals`, { who: 'a@example.org', reason: 'No right' })
    assert.equal(byAddress.status, 403, 'Growth does not see people')

    const { removals } = (await support.api('GET', `${at}/${key}/removals`)).json
    assert.equal(removals.length, 1)
    assert.equal((await support.api('DELETE', `${at}/${key}/removals/${removals[0].id}`)).status, 204)
    assert.deepEqual(await having(key, both), new Set(both))
    assert.match((await support.get('/services/kept/history')).text, /took the removal of a person/)
  })

  test('FEAT-20 a preview link shows the feature before anybody has it, lists who came, and ends; outsiders get none but by an exception on record [row 267]', async () => {
    const { json } = await developer.api('POST', at, { kind: 'release', name: 'Early', description: 'Not merged yet' })
    const key: string = json.key
    await put(key, 'switch', { on: true })
    const page = `/services/kept/features/${key}/people`
    const colleague = developer.account.email
    const outsider = await developer.post(`${page}/previews`, { viewer: 'guest@example.org' })
    assert.equal(outsider.status, 422)
    assert.match(outsider.text, /previews are not given to outsiders/)
    const byApi = await developer.api('POST', `${at}/${key}/previews`, { viewer: 'guest@example.org' })
    assert.equal(byApi.json.code, 'preview-for-outsider')
    assert.equal((await developer.api('GET', `${at}/${key}/previews`)).json.previews.length, 0)
    const reason = 'Reads the texts for us under contract'
    const exception = await developer.post(`${page}/previews`, { viewer: 'guest@example.org', outsiderReason: reason })
    assert.equal(exception.status, 200)
    const { text: history } = await developer.get('/services/kept/history')
    assert.match(history, /for somebody outside/)
    assert.match(history, new RegExp(reason))

    const made = await developer.api('POST', `${at}/${key}/previews`, { viewer: colleague })
    assert.equal(made.status, 201, made.text)
    const token = /\/preview\/([\w-]+)$/.exec(made.json.link)?.[1] ?? ''
    const { headings } = await app.asGateway.get(`/edge/kept/preview/${token}`)
    assert.match(headings[0] ?? '', /^Look at “.+”, which is new in “/)
    const opened = await app.asGateway.post(`/edge/kept/preview/${token}`, {})
    assert.equal(opened.status, 303, opened.text)
    const { previews } = (await developer.api('GET', `${at}/${key}/previews`)).json
    assert.deepEqual(
      new Map(
        previews.map((each: { viewer: string; uses: number; outsiderReason: string | null }) => [
          each.viewer,
          [each.uses, each.outsiderReason],
        ]),
      ),
      new Map([
        [colleague, [1, null]],
        ['guest@example.org', [0, reason]],
      ]),
    )
    const ofService = await app.asAdmin.api('POST', '/api/v1/services/kept/previews', { name: 'Whoever asks' })
    const looked = await app.asGateway.post(new URL(ofService.json.link).pathname.replace('/go/', '/edge/'))
    const guest = looked.headers.get('x-phasegate-admit')?.split('.')[1] ?? ''
    assert.match(guest, /^[\w-]{22}$/, looked.text)
    assert.equal((await having(key, [guest])).size, 0, 'a link of the service shows no feature')
    const viewers = app.phasegate.admission.snapshots.feed().snapshot.features?.find((each) => each.key === key)
    const [viewer = ''] = viewers?.units.preview ?? []
    assert.deepEqual(await having(key, [viewer, newUnit()]), new Set([viewer]))
    await developer.post(`${page}/previews/${made.json.id}/end`, {})
    assert.equal((await having(key, [viewer])).size, 0)
    assert.equal((await app.asGateway.post(`/edge/kept/preview/${token}`, {})).status, 410)
  })
})
