import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { startApp, type Client, type TestApp } from '../../test/support/app.ts'
import { dayMs } from './plan.ts'

const people = (count: number, more = {}) => ({
  audience: 'invited',
  size: { kind: 'people', people: count },
  minimumDays: 3,
  guardrails: ['Completion falls below 80%'],
  question: 'Do people find their address?',
  ...more,
})
const share = (percent: number, more = {}) =>
  people(1, { audience: 'share', size: { kind: 'percent', percent }, question: 'Does the load hold?', ...more })

describe('rollout plans', () => {
  let app: TestApp
  before(async () => {
    app = await startApp()
  })
  after(() => app.close())

  const call = (method: string, path: string, body?: unknown, as: Pick<Client, 'api'> = app.asAdmin) =>
    as.api(method, `/api/v1/services/${path}`, method === 'POST' ? (body ?? {}) : body)
  const done = async (...given: Parameters<typeof call>) => {
    const answer = await call(...given)
    assert.ok(answer.status < 300, answer.text)
    return answer.json
  }
  const refused = async (code: string, ...given: Parameters<typeof call>) => {
    const answer = await call(...given)
    assert.deepEqual([answer.status, answer.json.code], [409, code], answer.text)
    return answer.json
  }
  const clock = () => app.phasegate.platform.jobs.now('rollouts-progress', app.phasegate.platform)

  test('ROL-1 a step cannot start without the five, nor close without the answer [row 61]', async () => {
    await app.aService({ key: 'steps', phase: 'private-beta' })
    for (const field of ['audience', 'size', 'minimumDays', 'guardrails', 'question']) {
      const { plan } = (await call('GET', 'steps/plan')).json
      const lacking = { ...people(20), [field]: undefined }
      await done('PUT', 'steps/plan', { version: plan?.version ?? null, steps: [lacking] })
      const { title } = await refused('step-incomplete', 'POST', 'steps/plan/start')
      assert.match(title, /cannot start without/)
    }
    const { plan } = (await call('GET', 'steps/plan')).json
    await done('PUT', 'steps/plan', { version: plan.version, steps: [people(20), people(50)] })
    await done('POST', 'steps/plan/start')
    assert.equal((await done('GET', 'steps/admission')).places.cap, 20)
    app.clock.advance(3 * dayMs)
    await refused('step-unanswered', 'POST', 'steps/plan/close')
    await refused('step-runs', 'POST', 'steps/plan/start')
    const closed = await done('POST', 'steps/plan/close', { answer: 'Nine of ten find it' })
    assert.equal(closed.plan.standing, 'between')
    assert.equal(closed.plan.turns[0].answer, 'Nine of ten find it')
    await done('POST', 'steps/plan/start')
    assert.equal((await done('GET', 'steps/admission')).places.cap, 50)
    await refused('step-too-soon', 'POST', 'steps/plan/close', { answer: 'Too early' })
    const { plan: now } = (await call('GET', 'steps/plan')).json
    assert.equal(now.turns[1].answer, '', 'what was refused changed nothing')
  })

  test('P2 a step above the ceiling of the phase is refused, with who would be let in, and nothing is set', async () => {
    await app.aService({ key: 'ceiling', phase: 'private-beta' })
    await done('PUT', 'ceiling/plan', { steps: [share(5)] })
    const { title } = await refused('above-ceiling', 'POST', 'ceiling/plan/start')
    assert.match(title, /a share of everybody/)
    const { plan } = (await call('GET', 'ceiling/plan')).json
    assert.deepEqual([plan.standing, plan.turns.length], ['not-started', 0])
    assert.equal((await done('GET', 'ceiling/admission')).share, 0)
  })

  test('P4 no step starts while the beta is halted', async () => {
    await app.aService({ key: 'halted', phase: 'public-beta' })
    await done('PUT', 'halted/plan', { steps: [share(5)] })
    await done('POST', 'halted/halt', { reason: 'Wrong prices' })
    await app.phasegate.admission.snapshots.refresh(null)
    await refused('halted', 'POST', 'halted/plan/start')
  })

  test('ROL-8 pause lets nobody new in, going back shrinks, and whoever is in stays in', async () => {
    await app.aService({ key: 'back', phase: 'public-beta', door: 'link' })
    await done('PUT', 'back/plan', { steps: [share(10), share(60, { joinOpen: true })] })
    await done('POST', 'back/plan/start')
    app.clock.advance(3 * dayMs)
    await done('POST', 'back/plan/close', { answer: 'It holds' })
    await done('POST', 'back/plan/start')
    const state = () => done('GET', 'back/admission')
    assert.deepEqual([(await state()).share, (await state()).joinOpen], [60, true])
    const units = Array.from({ length: 40 }, (_, at) => `unit-${String(at).padStart(17, '0')}`)
    const decide = async () => {
      const answers = await Promise.all(
        units.map((targetingKey) => app.api('POST', '/ofrep/v1/evaluate/flags/back', { context: { targetingKey } })),
      )
      return units.filter((_, at) => answers[at]?.json.value === true)
    }
    const inside = await decide()
    assert.ok(inside.length > 5 && inside.length < 40, `${inside.length} of 40`)
    const at = app.clock.now().toISOString()
    const reports = inside.map((unit) => ({ service: 'back', unit, kind: 'admitted', rung: 'share', at }))
    await app.asGateway.api('POST', '/api/v1/gateway/reports', { reports })
    const paused = await done('POST', 'back/plan/pause')
    assert.equal(paused.plan.standing, 'paused')
    const page = await (await app.signIn('service-manager', 'back')).get('/services/back/plan')
    assert.match(page.text, /planned: \d+ points less\. The plan is paused: resume it/)
    assert.deepEqual([(await state()).share, (await state()).places.free], [0, 0])
    assert.deepEqual(await decide(), inside)
    await refused('step-paused', 'POST', 'back/plan/close', { answer: 'Not while it is paused' })
    await done('POST', 'back/plan/resume')
    assert.deepEqual([(await state()).share, (await state()).places.cap], [60, null])
    const back = await done('POST', 'back/plan/back')
    assert.deepEqual([back.plan.standing, back.plan.turns.at(-1).position], ['running', 1])
    assert.deepEqual([(await state()).share, (await state()).joinOpen], [10, false])
    assert.deepEqual(await decide(), inside, 'a smaller share sends nobody away')
    await refused('no-step-before', 'POST', 'back/plan/back')
  })

  test('ROL-6 of two people who change a plan at once the second gets a conflict and sees both versions', async () => {
    await app.aService({ key: 'two', phase: 'private-beta' })
    await done('PUT', 'two/plan', { steps: [people(20)] })
    const [one, other] = [await app.signIn('product', 'two'), await app.signIn('service-manager', 'two')]
    const answers = await Promise.all([
      call('PUT', 'two/plan', { version: 1, steps: [people(30)] }, one),
      call('PUT', 'two/plan', { version: 1, steps: [people(40)] }, other),
    ])
    assert.deepEqual(answers.map(({ status }) => status).toSorted(), [200, 409])
    const conflict = answers.find(({ status }) => status === 409)?.json
    const held = answers.find(({ status }) => status === 200)?.json
    assert.equal(conflict.code, 'plan-changed')
    assert.deepEqual(conflict.stored.steps, held.plan.steps)
    assert.notEqual(conflict.sent.steps[0].size.people, conflict.stored.steps[0].size.people)
    const form = {
      version: '1',
      progress: 'hand',
      deviation: '5',
      'step-1-audience': 'invited',
      'step-1-people': '77',
      'step-1-question': 'Mine?',
    }
    const page = await other.post('/services/two/plan/edit', form)
    assert.equal(page.status, 409)
    assert.ok(page.headings.includes('Both versions'))
    assert.match(page.text, /href="#conflict">[^<]* changed the plan after you had opened it/)
    assert.match(page.text, /77 places/)
    assert.match(page.text, new RegExp(`${conflict.stored.steps[0].size.people} places`))
    assert.match(page.text, /name="step-1-people"[^>]*value="77"|value="77"[^>]*name="step-1-people"/)
    const again = await other.post('/services/two/plan/edit', { ...form, version: '2' })
    assert.equal(again.status, 303)
    assert.equal((await other.post('/services/two/plan/start', { version: '2' })).status, 409)
  })

  test('ROL-6 of two people who answer at once the second sees what the first wrote before it is replaced', async () => {
    await app.aService({ key: 'both', phase: 'private-beta' })
    await done('PUT', 'both/plan', { steps: [people(20), people(40)] })
    await done('POST', 'both/plan/start')
    const manager = await app.signIn('service-manager', 'both')
    const write = (version: string, answer: string) => manager.post('/services/both/plan/answer', { version, answer })
    assert.equal((await write('2', 'It holds')).status, 303)
    const late = await write('2', 'It does not hold')
    assert.equal(late.status, 409)
    assert.match(late.text, /Stored now, by [^<]+<\/b> It holds/)
    assert.match(late.text, />It does not hold<\/textarea>/)
    assert.equal((await write('3', 'It does not hold')).status, 303)
  })

  test('ROL-4 a plan that went back says that places which are taken stay', async () => {
    await app.aService({ key: 'places', phase: 'private-beta' })
    const manager = await app.signIn('service-manager', 'places')
    const stays = /Places that were taken or held when the plan went back stay/
    await done('PUT', 'places/plan', { steps: [people(1), people(3)] })
    await done('POST', 'places/plan/start')
    app.clock.advance(3 * dayMs)
    await done('POST', 'places/plan/close', { answer: 'It holds' })
    await done('POST', 'places/plan/start')
    assert.doesNotMatch((await manager.get('/services/places/plan')).text, stays)
    await done('POST', 'places/plan/back')
    assert.match((await manager.get('/services/places/plan')).text, stays)
  })

  test('ROL-5 by the clock a step closes with its answer and the next one starts, once, whatever the number of instances', async () => {
    await app.aService({ key: 'clock', phase: 'public-beta' })
    const manager = await app.signIn('service-manager', 'clock')
    await done('PUT', 'clock/plan', { progress: 'clock', steps: [share(5), share(25), share(50)] })
    const beside = await startApp({ beside: app, clock: app.clock })
    try {
      const both = () =>
        Promise.all(
          [app, beside].map((each) => each.phasegate.platform.jobs.now('rollouts-progress', each.phasegate.platform)),
        )
      await both()
      assert.equal((await done('GET', 'clock/plan')).plan.standing, 'not-started', 'the first step is somebody’s')
      await done('POST', 'clock/plan/start')
      app.clock.advance(3 * dayMs)
      await both()
      const waits = await manager.get('/services/clock/plan')
      assert.match(waits.text, /waits for the answer to its question/)
      await both()
      const told = (await manager.get('/notices')).text.match(/The rollout plan of [^<]* waits/g) ?? []
      assert.equal(told.length, 1, 'once for each reason')
      await done('POST', 'clock/plan/answer', { answer: 'It holds' })
      await both()
      const { plan } = await done('GET', 'clock/plan')
      assert.deepEqual(
        plan.turns.map(
          ({ position, startedBy, end }: { position: number; startedBy: string; end: { by: string } | null }) => [
            position,
            startedBy === 'The plan',
            end?.by ?? null,
          ],
        ),
        [
          [1, false, 'The plan'],
          [2, true, null],
        ],
      )
      assert.equal((await done('GET', 'clock/admission')).share, 25)
    } finally {
      await beside.close()
    }
  })

  test('ROL-7 what is open is compared with the plan by date, and a deviation is told once, by notice and by mail [row 81]', async () => {
    await app.aService({ key: 'slow', phase: 'public-beta' })
    const manager = await app.signIn('service-manager', 'slow')
    const today = app.clock.now().toISOString().slice(0, 10)
    await done('PUT', 'slow/plan', { deviation: 10, steps: [share(5, { startsOn: today }), share(25)] })
    await done('POST', 'slow/plan/start')
    const told = async () => {
      await clock()
      await app.phasegate.platform.mail.deliverDue()
      return app.mails.filter(
        ({ to, subject }) => to === manager.account.email && /differs from the plan/.test(subject),
      )
    }
    app.clock.advance(3 * dayMs)
    assert.equal((await told()).length, 0, 'on the day of the second step')
    app.clock.advance(dayMs)
    const [mail] = await told()
    assert.match(mail?.text ?? '', /5% is open and 25% is planned: 20 points less/)
    assert.match(mail?.text ?? '', /\/services\/slow\/plan/)
    assert.equal((await told()).length, 1, 'and not again')
    assert.match((await manager.get('/notices')).text, /differs from the plan/)
    const page = await manager.get('/services/slow/plan')
    assert.match(page.text, /Differs from the plan/)
    assert.match(page.text, /<svg[^>]*class="pg-chart"[^>]*id="planned-share"/)
    assert.match(page.text, /The figures behind this chart/)
    const { plan } = await done('GET', 'slow/plan')
    const last = plan.days.findLast(({ actual }: { actual: unknown }) => actual !== null)
    assert.deepEqual([last.planned.share, last.actual.share], [25_000, 5_000])
    await done('PUT', 'slow/share', { percent: 25 })
    await told()
    await done('PUT', 'slow/share', { percent: 5 })
    assert.equal((await told()).length, 2, 'told anew after it was in order')
  })

  test('ADM-52 a new salt says first what it does, keeps whoever is in, and draws the others afresh', async () => {
    await app.aService({ key: 'salted', phase: 'public-beta', door: 'link' })
    await done('PUT', 'salted/share', { percent: 50 })
    const units = Array.from({ length: 60 }, (_, at) => `unit-${String(at).padStart(17, '0')}`)
    const decide = async () => {
      const answers = await Promise.all(
        units.map((targetingKey) => app.api('POST', '/ofrep/v1/evaluate/flags/salted', { context: { targetingKey } })),
      )
      return units.filter((_, at) => answers[at]?.json.value === true)
    }
    const inside = await decide()
    const at = app.clock.now().toISOString()
    const reports = inside.map((unit) => ({ service: 'salted', unit, kind: 'admitted', rung: 'share', at }))
    await app.asGateway.api('POST', '/api/v1/gateway/reports', { reports })
    const effect = await done('GET', 'salted/salt')
    assert.deepEqual([effect.stay, effect.drawnOfOthers, effect.changedWithoutPass], [inside.length, 0.5, 0.5])
    const manager = await app.signIn('service-manager', 'salted')
    assert.match(
      (await manager.get('/services/salted/plan/salt')).text,
      new RegExp(`${inside.length} people, kept in by name`),
    )
    const unsure = await manager.post('/services/salted/plan/salt', { saltReason: 'A fresh comparison' })
    assert.equal(unsure.status, 422)
    const sure = await manager.post('/services/salted/plan/salt', { saltReason: 'A fresh comparison', sure: 'yes' })
    assert.equal(sure.status, 303)
    await done('GET', 'salted/admission')
    const now = await decide()
    assert.deepEqual(
      inside.filter((unit) => !now.includes(unit)),
      [],
      'whoever is in stays in',
    )
    const drawn = now.length - inside.length
    assert.ok(drawn > 0 && drawn < units.length - inside.length, `${drawn} of the others`)
    const { rungs } = await done('GET', 'salted/ladder')
    assert.equal(rungs.find(({ rung }: { rung: string }) => rung === 'share').carried, inside.length)
    const history = await manager.get('/services/salted/history')
    assert.match(history.text, /drawn afresh by a new salt/)
  })

  test('ROL-9 whoever is of the team writes down answers, and only some change who gets in', async () => {
    const researcher = await app.signIn('researcher', 'steps')
    assert.equal((await call('POST', 'steps/plan/answer', { answer: 'So far, yes' }, researcher)).status, 200)
    for (const path of ['start', 'close', 'pause', 'resume', 'back'])
      assert.equal((await call('POST', `steps/plan/${path}`, undefined, researcher)).status, 403, path)
    const page = await researcher.get('/services/steps/plan')
    assert.match(page.text, /Save the answer/)
    assert.doesNotMatch(page.text, /Pause: admit nobody new/)
  })

  test('ROL-10 a change is tried on part of the people: its plan splits them, widens, and takes it from nobody [row 234]', async () => {
    await app.aService({ key: 'desk', phase: 'live', currentUrl: null })
    const growth = await app.signIn('growth', 'desk')
    const key = 'release-new-inbox'
    const inbox = `desk/features/${key}`
    await done('POST', 'desk/features', {
      kind: 'release',
      name: 'New inbox',
      description: 'Messages together',
      forClients: true,
    })
    await done('PUT', `${inbox}/plan`, { steps: [share(30), share(60)] }, growth)
    await refused('flag-off', 'POST', `${inbox}/plan/start`, {}, growth)
    const version = async () => (await done('GET', inbox)).version
    await done('PUT', `${inbox}/switch`, { version: await version(), on: true, reason: 'Ready' })
    await refused('share-before-public-release', 'POST', `${inbox}/plan/start`, {}, growth)
    for (const to of ['internal-release', 'beta-release', 'public-release']) {
      const feature = await done('GET', inbox)
      if (feature.stages.includes(to) && feature.stage !== to)
        await done('POST', `${inbox}/stage`, { version: feature.version, to, reason: 'Ready' })
    }
    await done('POST', `${inbox}/plan/start`, {}, growth)
    const units = Array.from({ length: 200 }, (_, at) => `unit-${String(at).padStart(17, '0')}`)
    const decide = async () => {
      await app.phasegate.admission.snapshots.refresh(null)
      const answers = await Promise.all(
        units.map((targetingKey) => app.api('POST', `/ofrep/v1/evaluate/flags/${key}`, { context: { targetingKey } })),
      )
      return units.filter((_, at) => answers[at]?.json.value === true)
    }
    const first = await decide()
    assert.ok(first.length > 20 && first.length < 110, `${first.length} of 200`)
    app.clock.advance(3 * dayMs)
    await done('POST', `${inbox}/plan/close`, { answer: 'They read it sooner' }, growth)
    await done('POST', `${inbox}/plan/start`, {}, growth)
    const second = await decide()
    assert.ok(second.length > first.length)
    assert.deepEqual(
      first.filter((unit) => !second.includes(unit)),
      [],
    )
    await done('POST', `${inbox}/plan/pause`, {}, growth)
    const back = await done('POST', `${inbox}/plan/back`, {}, growth)
    assert.deepEqual([back.plan.feature, back.plan.turns.at(-1).position], [key, 1])
    assert.deepEqual(await decide(), second, 'going back takes it from nobody')
    const days = back.plan.days.filter(({ actual }: { actual: unknown }) => actual !== null)
    assert.deepEqual([days[0].actual.share, days.at(-1).actual.share], [30_000, 60_000])
    assert.match((await growth.get(`/services/desk/features/${key}/plan`)).text, /60% get it|30% get it/)
    assert.equal((await call('GET', 'desk/plan')).json.plan, null, 'the service has a plan of its own, or none')
    const manager = await app.signIn('service-manager', 'desk')
    assert.equal((await call('POST', `${inbox}/plan/close`, { answer: 'Mine' }, manager)).status, 403)
  })

  test('ROL-10 ADM-28 below open a flag without stages has what its plan opens, and a release flag has not', async () => {
    await app.aService({ key: 'stageless', phase: 'public-beta' })
    const manager = await app.signIn('service-manager', 'stageless')
    const move = (to: string) => done('POST', 'stageless/phase', { to, waiver: 'As planned', reason: 'As planned' })
    const aPlanOf = async (kind: 'release' | 'plan', percent: number): Promise<string> => {
      const features = 'stageless/features'
      const flag = { kind, name: `Inbox by ${kind} ${percent}`, description: 'Messages together', forClients: true }
      const { key } = await done('POST', features, flag)
      const version = async () => (await done('GET', `${features}/${key}`)).version
      for (const to of kind === 'release' ? ['internal-release', 'beta-release', 'public-release'] : [])
        await done('POST', `${features}/${key}/stage`, { version: await version(), to, reason: 'Ready' })
      await done('PUT', `${features}/${key}/audience`, { version: await version(), percent: 0, reason: 'Ready' })
      await done('PUT', `${features}/${key}/switch`, { version: await version(), on: true, reason: 'Ready' })
      await done('PUT', `${features}/${key}/plan`, { deviation: 5, steps: [share(percent, { minimumDays: 9 })] })
      return `${features}/${key}/plan`
    }
    const released = await aPlanOf('release', 30)
    await done('POST', `${released}/start`)
    await move('private-beta')
    const second = await aPlanOf('release', 20)
    await refused('above-ceiling', 'POST', `${second}/start`)
    const planned = await aPlanOf('plan', 40)
    await done('POST', `${planned}/start`)
    const opened = async (plan: string) => {
      const { days, deviationNow } = (await done('GET', plan)).plan
      return [days.findLast(({ actual }: { actual: unknown }) => actual !== null).actual.share, deviationNow?.points]
    }
    app.clock.advance(2 * dayMs)
    await clock()
    await app.phasegate.platform.mail.deliverDue()
    assert.deepEqual(await opened(planned), [40_000, undefined])
    assert.deepEqual(await opened(released), [0, -30], 'the phase holds back what the plan says that people have')
    const told = app.mails.filter(({ to, text }) => to === manager.account.email && /planned/.test(text))
    assert.deepEqual(
      told.map(({ text }) => /0% is open and 30% is planned/.test(text)),
      [true],
    )
    await move('retired')
    assert.deepEqual(await opened(planned), [0, -40], 'a closed service shuts every flag')
  })

  test('ROL-1 the plan is written, run and closed on the page, without a script', async () => {
    await app.aService({ key: 'page', phase: 'private-beta' })
    const manager = await app.signIn('service-manager', 'page')
    assert.match((await manager.get('/services/page/plan')).text, /There is no plan yet/)
    const first = {
      progress: 'hand',
      deviation: '5',
      'step-1-audience': 'invited',
      'step-1-people': '25',
      'step-1-minimumDays': '2',
      'step-1-guardrails': 'Errors above 1%\nMore than 3 calls a day',
      'step-1-question': 'Who gives up?',
    }
    const more = await manager.post('/services/page/plan/edit', { ...first, another: 'yes' })
    assert.deepEqual([more.status, more.headings.includes('Step 2')], [200, true])
    const nothing = await manager.post('/services/page/plan/edit', { progress: 'hand', deviation: '5' })
    assert.deepEqual([nothing.status, /Write at least one step/.test(nothing.text)], [422, true])
    const wrong = await manager.post('/services/page/plan/edit', {
      ...{ ...first, 'step-1-minimumDays': 'a week', 'step-2-minimumDays': '0', 'step-2-people': '-1' },
      'step-2-percent': '200',
    })
    assert.equal(wrong.status, 422)
    const told = [...wrong.text.matchAll(/<a href="#step-(\d-\w+)">([^<]+)/g)].map(([, field, words]) => [field, words])
    assert.deepEqual(told, [
      ['1-minimumDays', 'Step 1: enter at least how many days as a whole number, 1 to 730'],
      ['2-people', 'Step 2: enter how many people as a whole number, 1 or more'],
      ['2-percent', 'Step 2: enter the share from 0 to 100 percent, such as 5'],
      ['2-minimumDays', 'Step 2: enter at least how many days as a whole number, 1 to 730'],
    ])
    assert.equal((await manager.post('/services/page/plan/edit', first)).status, 303)
    assert.match((await manager.get('/services/page/plan')).text, /Starting sets: 25 places in all/)
    assert.equal((await manager.post('/services/page/plan/start', { version: '1' })).status, 303)
    app.clock.advance(2 * dayMs)
    const empty = await manager.post('/services/page/plan/close', { version: '2', answer: '' })
    assert.equal(empty.status, 422)
    assert.match(empty.text, /Write down what the step taught/)
    assert.equal(
      (await manager.post('/services/page/plan/close', { version: '2', answer: 'Nobody so far' })).status,
      303,
    )
    const page = await manager.get('/services/page/plan')
    assert.match(page.text, /Its one step is closed/)
    assert.match(page.text, /Nobody so far/)
    const next = { ...first, version: '4', 'step-1-minimumDays': 'soon' }
    const later = await manager.post('/services/page/plan/edit', next)
    assert.match(later.text, /<a href="#step-1-minimumDays">Step 2: enter/, 'steps that have started count')
  })
})
