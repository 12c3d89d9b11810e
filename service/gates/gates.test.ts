import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { sql } from 'kysely'
import { client, startApp, type Client, type TestApp } from '../../test/support/app.ts'
import { signalRegistry, type Reading, type Signal } from '../platform/index.ts'
import type { Service } from '../services/index.ts'
import { playbooks } from './load-playbooks.ts'
import type { Criterion, Playbook } from './playbook.ts'
import { gatesContent, useGates } from './reads.ts'

const dayMs = 86_400_000
const gateId = 'private-beta-to-public-beta'
const lateGate = 'public-beta-to-live'

/** What the data says in these tests: set by each of them. */
const says: Record<string, number | 'no-data'> = {}

const aSignal = (id: string, more: Partial<Signal> = {}): Signal => ({
  id,
  unit: 'percent',
  says: 'of started applications were completed',
  async read(_db, service, window): Promise<Reading> {
    const value = says[id] ?? 'no-data'
    const href = `/services/${service.key}/measures`
    return value === 'no-data'
      ? { kind: 'no-data', href }
      : {
          kind: 'value',
          value,
          n: 1204,
          definition: 'Completion rate, definition 2',
          low: value - 2,
          high: value + 2,
          asOf: window.to,
          href,
        }
  },
  ...more,
})
const signals = signalRegistry([
  aSignal('test.completion'),
  aSignal('test.errors'),
  aSignal('test.complaints', { unit: 'count' }),
])

const criterion = (id: string, more: Partial<Criterion> = {}): Criterion => ({
  id,
  group: 'a',
  gates: [gateId],
  title: `Criterion ${id}`,
  ask: `Is it ${id}?`,
  why: 'Because people need it.',
  decides: ['product'],
  failureSigns: ['nobody looked'],
  evidence: [],
  signals: [],
  source: { heading: 'A heading', says: 'A sentence.', rows: [1] },
  ...more,
})

/** A small gate: one measured criterion, one that rests on evidence that ages, one that a signal blocks. */
function aPlaybook(more: Partial<Playbook> = {}): Playbook {
  const real = gatesContent().playbooks.newest('client-beta')
  const [first, second] = real.gates
  if (first === undefined || second === undefined) throw new Error('too few gates')
  return {
    ...real,
    version: '1.0',
    inForceSince: '2020-01-01',
    groups: [{ id: 'a', name: 'What we test' }],
    gates: [
      {
        ...first,
        signOffs: [
          { role: 'risk-owner', says: 'Risks are known' },
          { role: 'assessor', says: 'Assessed', independent: true },
        ],
      },
      { ...second, signOffs: [] },
    ],
    criteria: [
      criterion('works', {
        gates: [gateId, lateGate],
        signals: [{ id: 'test.completion', op: 'gte', value: 80, windowDays: 28 }],
      }),
      criterion('audited', {
        decides: ['designer'],
        evidence: [{ id: 'audit', ask: 'The audit', maxAgeDays: 30, required: true }],
      }),
      criterion('runs', {
        decides: ['developer'],
        signals: [{ id: 'test.errors', op: 'lte', value: 1, windowDays: 14, blocks: true }],
      }),
    ],
    ...more,
  }
}

const newerPlaybook = (): Playbook => {
  const old = aPlaybook()
  const criteria = old.criteria.map((each) =>
    each.id === 'works' ? { ...each, ask: 'Does it work for everyone?' } : each,
  )
  return { ...old, version: '1.1', inForceSince: '2030-01-01', criteria }
}

let app: TestApp
let real: ReturnType<typeof gatesContent>
let count = 0

describe('gates', () => {
  before(async () => {
    app = await startApp()
    real = gatesContent()
    useGates({ playbooks: playbooks([aPlaybook(), newerPlaybook()]), signals })
  })
  after(async () => {
    useGates(real)
    await app.close()
  })

  type Person = Client & { account: { id: string; name: string } }
  interface Team {
    service: Service
    manager: Person
    product: Person
    designer: Person
    developer: Person
    risk: Person
    assessor: Person
    at(path: string): string
    api(path: string): string
  }

  async function aTeam(): Promise<Team> {
    count += 1
    Object.assign(says, { 'test.completion': 84.2, 'test.errors': 0.3, 'test.complaints': 0 })
    const key = `gate-${count}`
    const service = await app.aService({ key, phase: 'private-beta' })
    const sign = (role: Parameters<TestApp['signIn']>[0]) => app.signIn(role, key)
    return {
      service,
      manager: await sign('service-manager'),
      product: await sign('product'),
      designer: await sign('designer'),
      developer: await sign('developer'),
      risk: await sign('risk-owner'),
      assessor: await sign('assessor'),
      at: (path) => `/services/${key}/gates/${gateId}${path}`,
      api: (path) => `/api/v1/services/${key}/gates/${gateId}${path}`,
    }
  }

  const verdict = (person: Client, team: Team, id: string, kind: 'met' | 'not-met' = 'met') =>
    person.post(team.at(`/criteria/${id}/verdict`), { verdict: kind, reason: `Seen in round 6 by us, ${kind}.` })

  async function attachAudit(team: Team, dated = '2026-11-10') {
    return team.designer.post(team.at('/criteria/audited/evidence'), {
      asked: 'audit',
      title: 'Audit by an outside body',
      url: 'https://example.org/audit',
      dated,
      owner: 'A. Example',
    })
  }

  async function allMet(team: Team) {
    await attachAudit(team)
    await verdict(team.product, team, 'works')
    await verdict(team.designer, team, 'audited')
    await verdict(team.developer, team, 'runs')
    await team.risk.post(team.at('/sign-offs'), { role: 'risk-owner' })
    await team.assessor.post(team.at('/sign-offs'), { role: 'assessor' })
  }

  const decide = (person: Client, team: Team, outcome: string, more: Record<string, string> = {}) =>
    person.post(team.at('/decision'), { outcome, reason: 'The evidence is there.', confirm: 'yes', ...more })

  const gateJson = async (team: Team) => (await team.manager.api('GET', team.api(''))).json
  const stateOf = async (team: Team, id: string): Promise<string> =>
    (await gateJson(team)).criteria.find((each: { id: string }) => each.id === id).state
  const phaseOfService = async (team: Team): Promise<string> =>
    (await team.manager.api('GET', `/api/v1/services/${team.service.key}`)).json.phase

  test('the gate page says what the data says and what we say, and what stands before the gate', async () => {
    const team = await aTeam()
    const page = await team.manager.get(`/services/${team.service.key}/gate`)
    assert.equal(page.status, 200)
    assert.ok(page.headings.includes('Private beta to public beta'))
    assert.match(page.text, /84\.2%<\/b> of started applications were completed/)
    assert.match(
      page.text,
      /0 of 3 criteria are met\. The gate can’t open yet: 3 criteria and 2 sign-offs stand before it/,
    )
    const radios = page.text.match(/<input[^>]*name="outcome"[^>]*>/g) ?? []
    assert.equal(radios.length, 6)
    assert.ok(
      radios.every((radio) => !radio.includes('checked')),
      'nothing is preselected',
    )
  })

  test('GATE-8 a disagreement stands first on the page, and the count says so', async () => {
    const team = await aTeam()
    await verdict(team.product, team, 'works')
    says['test.completion'] = 71
    const { text, headings } = await team.manager.get(team.at(''))
    assert.equal(headings[1], 'Where data and people disagree')
    assert.match(text, /met, 1 against the data/)
    says['test.completion'] = 99
    assert.ok(!(await team.manager.get(team.at(''))).headings.includes('Where data and people disagree'))
    await verdict(team.product, team, 'works', 'not-met')
    assert.equal((await gateJson(team)).criteria[0].disagrees, 'not-met-against-data')
  })

  test('GATE-4 no automatic check makes a criterion met: data, a key’s verdict and evidence leave it evidenced [row 289]', async () => {
    const team = await aTeam()
    Object.assign(says, { 'test.completion': 100, 'test.errors': 0 })
    const sent = await app.asAdmin.api('POST', team.api('/criteria/works/verdict'), {
      verdict: 'met',
      reason: 'All checks are green.',
    })
    assert.equal(sent.status, 201)
    assert.equal(sent.json.storedAs, 'evidence')
    assert.equal(await stateOf(team, 'works'), 'evidenced')
    const key = await team.manager.api('POST', `/api/v1/services/${team.service.key}/keys`, {
      name: 'checks',
      kind: 'server',
    })
    const server = client(app.url, { authorization: `Bearer ${key.json.secret}` })
    assert.equal(
      (await server.api('POST', team.api('/criteria/works/verdict'), { verdict: 'met', reason: 'Green.' })).status,
      403,
    )
    assert.equal(
      (
        await app.asAdmin.api('POST', team.api('/criteria/works/waiver'), {
          reason: 'x',
          owner: 'x',
          endsOn: '2026-12-01',
        })
      ).status,
      403,
    )
    assert.equal((await app.asAdmin.api('POST', team.api('/sign-offs'), { role: 'risk-owner' })).status, 403)
    assert.equal(await stateOf(team, 'works'), 'evidenced')
    await verdict(team.product, team, 'works')
    assert.equal(await stateOf(team, 'works'), 'met')
  })

  test('GATE-5 a verdict keeps what it rested on, whatever the data says later', async () => {
    const team = await aTeam()
    await verdict(team.product, team, 'works')
    says['test.completion'] = 12
    const { json } = await team.manager.api('GET', team.api('/criteria/works'))
    assert.equal(json.readings[0].reading.value, 12)
    const frozen = json.history[0].frozen
    assert.deepEqual(frozen.playbook, { id: 'client-beta', version: '1.0' })
    assert.equal(frozen.readings[0].reading.value, 84.2)
    assert.equal(frozen.readings[0].reading.n, 1204)
    assert.equal(frozen.readings[0].definition, 'Completion rate, definition 2')
    assert.equal(frozen.readings[0].rule, 'at least 80')
    assert.equal(frozen.readings[0].window.to, '2026-11-20T12:00:00.000Z')
    assert.equal(json.state, 'met')
    const page = await team.manager.get(team.at('/criteria/works'))
    assert.match(
      page.text,
      /84\.2% of started applications were completed, from 1,204, rule: at least 80\. Completion rate, definition 2\./,
    )
    await assert.rejects(sql`update gate_verdict set reason = 'other'`.execute(app.db), /never changed/)
  })

  test('GATE-5 each phase has a verdict of its own on the same criterion, and the history is kept [row 16]', async () => {
    const team = await aTeam()
    await verdict(team.product, team, 'works', 'not-met')
    await verdict(team.product, team, 'works')
    await attachAudit(team)
    await verdict(team.designer, team, 'audited')
    await verdict(team.developer, team, 'runs')
    await team.risk.post(team.at('/sign-offs'), { role: 'risk-owner' })
    await team.assessor.post(team.at('/sign-offs'), { role: 'assessor' })
    assert.equal((await decide(team.manager, team, 'go')).status, 303)
    const second = `/api/v1/services/${team.service.key}/gates/${lateGate}/criteria/works`
    assert.equal((await team.manager.api('GET', second)).json.state, 'evidenced')
    await team.product.api('POST', `${second}/verdict`, { verdict: 'not-met', reason: 'Not yet for everyone.' })
    assert.equal((await team.manager.api('GET', second)).json.state, 'not-met')
    const first = (await team.manager.api('GET', team.api('/criteria/works'))).json
    assert.deepEqual(
      first.history.map(({ kind, phase }: { kind: string; phase: string }) => [kind, phase]),
      [
        ['met', 'private-beta'],
        ['not-met', 'private-beta'],
      ],
    )
    assert.equal((await team.manager.api('GET', second)).json.history[0].phase, 'public-beta')
  })

  test('GATE-6 stale evidence drops a criterion from met to needs confirming, until it is renewed [row 290]', async () => {
    const team = await aTeam()
    await attachAudit(team, '2026-11-01')
    await verdict(team.designer, team, 'audited')
    assert.equal(await stateOf(team, 'audited'), 'met')
    const noon = app.clock.now()
    app.clock.advance(12 * dayMs)
    assert.equal(await stateOf(team, 'audited'), 'needs-confirming')
    const { text } = await team.manager.get(team.at('/criteria/audited'))
    assert.match(text, /31 days old on the gate’s date, of 30/)
    await attachAudit(team, '2026-12-01')
    assert.equal(await stateOf(team, 'audited'), 'met')
    app.clock.set(noon)
  })

  test('GATE-6 age is judged on the gate’s date', async () => {
    const team = await aTeam()
    await attachAudit(team, '2026-11-01')
    await verdict(team.designer, team, 'audited')
    const set = await team.manager.post(team.at('/date'), { day: '2026-12-09' })
    assert.equal(set.status, 303)
    assert.equal(await stateOf(team, 'audited'), 'needs-confirming')
    const wrong = await team.manager.post(team.at('/date'), { day: '2026-02-31' })
    assert.equal(wrong.status, 422)
    assert.match(wrong.text, /Enter a real date/)
    await team.manager.post(team.at('/date'), { day: '' })
    assert.equal(await stateOf(team, 'audited'), 'met')
  })

  test('GATE-7 a waiver is visible with owner and end, is never counted as met, and ends [row 291]', async () => {
    const team = await aTeam()
    await allMet(team)
    const waived = await team.risk.post(team.at('/criteria/audited/waiver'), {
      why: 'The audit is booked.',
      waivedBy: 'C. Example',
      endsOn: '2026-12-01',
    })
    assert.equal(waived.status, 303)
    const gate = await gateJson(team)
    assert.deepEqual([gate.counts.met, gate.counts.waived], [2, 1])
    assert.deepEqual(
      gate.outcomes.filter((each: { possible: boolean }) => each.possible).map(({ kind }: { kind: string }) => kind),
      ['go-with-actions', 'stay', 'repeat', 'back', 'stop'],
    )
    const page = await team.manager.get(team.at(''))
    assert.match(page.text, /C\. Example sees to it until 1 December 2026/)
    assert.equal((await decide(team.manager, team, 'go')).status, 422)
    const noon = app.clock.now()
    app.clock.set('2026-12-02T12:00:00Z')
    assert.equal(await stateOf(team, 'audited'), 'needs-confirming')
    app.clock.set(noon)
    assert.equal((await decide(await again(team), team, 'go-with-actions')).status, 303)
    assert.equal(await phaseOfService(team), 'public-beta')
  })

  /** The same service manager, seen just now. */
  async function again(team: Team): Promise<Client> {
    await team.manager.get(team.at(''))
    return team.manager
  }

  test('GATE-7 a waiver needs an owner, a reason and an end within a year', async () => {
    const team = await aTeam()
    const empty = await team.risk.post(team.at('/criteria/works/waiver'), { why: '', waivedBy: '', endsOn: '' })
    assert.equal(empty.status, 422)
    for (const message of ['Enter a reason', 'Enter who sees to it', 'Enter a date, such as 2026-12-09'])
      assert.ok(empty.text.includes(message), message)
    const wanted = { why: 'Known.', waivedBy: 'C. Example' }
    assert.equal(
      (await team.risk.post(team.at('/criteria/works/waiver'), { ...wanted, endsOn: '2026-11-19' })).status,
      422,
    )
    assert.equal(
      (await team.risk.post(team.at('/criteria/works/waiver'), { ...wanted, endsOn: '2027-11-21' })).status,
      422,
    )
    assert.equal(
      (await team.product.post(team.at('/criteria/works/waiver'), { ...wanted, endsOn: '2026-12-01' })).status,
      403,
    )
  })

  test('GATE-10 a blocking signal holds the gate until it is waived by its name', async () => {
    const team = await aTeam()
    await allMet(team)
    says['test.errors'] = 4
    const shut = await decide(team.manager, team, 'go')
    assert.equal(shut.status, 422)
    assert.match(shut.text, /a blocking signal of criterion 3/)
    assert.equal(await stateOf(team, 'runs'), 'met')
    const waiver = { reason: 'Known and harmless.', owner: 'C. Example', endsOn: '2026-12-31' }
    assert.equal(
      (await team.risk.api('POST', team.api('/criteria/runs/waiver'), { ...waiver, targets: ['test.completion'] }))
        .status,
      404,
    )
    assert.equal(
      (await team.risk.api('POST', team.api('/criteria/runs/waiver'), { ...waiver, targets: ['test.errors'] })).status,
      201,
    )
    assert.equal((await decide(team.manager, team, 'go-with-actions')).status, 303)
  })

  test('GATE-11 a criterion is decided by its role or the service manager, and by nobody else', async () => {
    const team = await aTeam()
    const other = await verdict(team.developer, team, 'works')
    assert.equal(other.status, 422)
    assert.match(other.text, /decided by another role/)
    assert.equal(await stateOf(team, 'works'), 'evidenced')
    assert.equal((await verdict(team.assessor, team, 'works')).status, 403)
    assert.equal((await verdict(team.manager, team, 'works')).status, 303)
    assert.equal((await gateJson(team)).criteria[0].verdict.role, 'service-manager')
  })

  test('GATE-11 met cannot be said while required evidence is missing', async () => {
    const team = await aTeam()
    const early = await verdict(team.designer, team, 'audited')
    assert.equal(early.status, 422)
    assert.match(early.text, /Attach it first: The audit/)
    assert.equal((await verdict(team.designer, team, 'audited', 'not-met')).status, 303)
    await attachAudit(team)
    assert.equal((await verdict(team.designer, team, 'audited')).status, 303)
  })

  test('a verdict form without an answer comes back with what was typed', async () => {
    const team = await aTeam()
    const page = await team.product.post(team.at('/criteria/works/verdict'), { reason: 'Because of round 6' })
    assert.equal(page.status, 422)
    assert.match(page.text, /Choose met or not met/)
    assert.match(page.text, /Because of round 6/)
  })

  test('GATE-12 a sign-off belongs to its role, and an independent one to somebody apart', async () => {
    const team = await aTeam()
    const foreign = await team.designer.api('POST', team.api('/sign-offs'), { role: 'risk-owner' })
    assert.deepEqual([foreign.status, foreign.json.code], [403, 'sign-off-not-yours'])
    const both = await app.signIn('assessor', team.service.key)
    await sql`insert into membership (account_id, service_id, role, since) values (${both.account.id}, ${team.service.id}, 'product', now())`.execute(
      app.db,
    )
    await verdict(both, team, 'works')
    const dependent = await both.api('POST', team.api('/sign-offs'), { role: 'assessor' })
    assert.deepEqual([dependent.status, dependent.json.code], [409, 'sign-off-not-independent'])
    assert.equal((await team.assessor.api('POST', team.api('/sign-offs'), { role: 'assessor' })).status, 201)
  })

  test('GATE-13 go is refused with exactly what is missing, on the page and by API', async () => {
    const team = await aTeam()
    await verdict(team.product, team, 'works')
    const page = await decide(team.manager, team, 'go')
    assert.equal(page.status, 422)
    const words = 'Not possible yet: criteria 2 and 3 and the sign-off of the risk owner and assessor'
    assert.ok(page.text.includes(words))
    assert.ok(page.text.includes('The evidence is there.'), 'what was typed is kept')
    const api = await team.manager.api('POST', team.api('/decision'), { outcome: 'go', reason: 'Now.' })
    assert.deepEqual([api.status, api.json.code, api.json.detail], [409, 'gate-not-ready', `${words}.`])
    assert.equal(await phaseOfService(team), 'private-beta')
  })

  test('GATE-13 when nothing is missing, go moves the phase and freezes the gate', async () => {
    const team = await aTeam()
    await allMet(team)
    assert.equal((await decide(team.manager, team, 'go')).status, 303)
    assert.equal(await phaseOfService(team), 'public-beta')
    const { json } = await team.manager.api('GET', `/api/v1/services/${team.service.key}/gates`)
    const [decision] = json.decisions
    assert.deepEqual(
      [decision.outcome, decision.from, decision.to, decision.waiver],
      ['go', 'private-beta', 'public-beta', null],
    )
    assert.deepEqual(
      decision.frozen.criteria.map(({ state }: { state: string }) => state),
      ['met', 'met', 'met'],
    )
    assert.deepEqual(decision.frozen.missing, [])
    const history = await team.manager.api('GET', `/api/v1/services/${team.service.key}/history`)
    const actions = history.json.history?.map(({ action }: { action: string }) => action) ?? history.text
    for (const action of ['gate.decided', 'phase.moved', 'gate.verdict', 'gate.signed'])
      assert.ok(actions.includes(action), action)
  })

  test('GATE-16 the first share comes with the opening, in one transaction, and never above the ceiling', async () => {
    const team = await aTeam()
    await allMet(team)
    const wrong = await decide(team.manager, team, 'go', { share: '120' })
    assert.equal(wrong.status, 422)
    assert.match(wrong.text, /Enter a share between 0 and 100/)
    assert.equal(await phaseOfService(team), 'private-beta')
    assert.equal((await decide(team.manager, team, 'go', { share: '10' })).status, 303)
    assert.equal(await phaseOfService(team), 'public-beta')
    const { json } = await team.manager.api('GET', `/api/v1/services/${team.service.key}/gates`)
    assert.equal(json.decisions[0].frozen.firstShare, 10_000)
    const { rows } = await sql<{
      share: number
    }>`select share from rollout where service_id = ${team.service.id}`.execute(app.db)
    assert.equal(rows[0]?.share, 10_000)
  })

  test('GATE-13 of two decisions at once only one opens the gate', async () => {
    const team = await aTeam()
    await allMet(team)
    const send = () => team.manager.api('POST', team.api('/decision'), { outcome: 'go', reason: 'Open it.' })
    const answers = await Promise.all([send(), send(), send()])
    assert.deepEqual(answers.map(({ status }) => status).toSorted(), [201, 409, 409])
  })

  test('GATE-14 stop, repeat, back and stay are decided like go and stay in the history [row 171]', async () => {
    for (const [outcome, phase] of [
      ['stay', 'private-beta'],
      ['repeat', 'private-beta'],
      ['back', 'prototyping'],
      ['stop', 'retired'],
    ] as const) {
      const team = await aTeam()
      assert.equal((await decide(team.manager, team, outcome)).status, 303, outcome)
      assert.equal(await phaseOfService(team), phase)
      const { json } = await team.manager.api('GET', `/api/v1/services/${team.service.key}/gates`)
      assert.deepEqual([json.decisions[0].outcome, json.decisions[0].reason], [outcome, 'The evidence is there.'])
    }
  })

  test('GATE-14 repeating the phase asks for every verdict and sign-off anew', async () => {
    const team = await aTeam()
    await allMet(team)
    app.clock.advance(1000)
    await decide(team.manager, team, 'repeat')
    const gate = await gateJson(team)
    assert.equal(gate.counts['needs-confirming'], 3)
    assert.deepEqual(
      gate.signOffs.map(({ counts }: { counts: boolean }) => counts),
      [false, false],
    )
    app.clock.advance(1000)
    await verdict(team.product, team, 'works')
    assert.equal(await stateOf(team, 'works'), 'met')
  })

  test('a decision needs an outcome, a reason and a confirmation', async () => {
    const team = await aTeam()
    const page = await team.manager.post(team.at('/decision'), {})
    assert.equal(page.status, 422)
    for (const message of ['Choose what happens next', 'Enter a reason', 'Confirm that you decide this'])
      assert.ok(page.text.includes(message), message)
    assert.equal((await decide(team.product, team, 'stay')).status, 403)
  })

  test('GATE-17 a decision asks a person who last confirmed long ago to confirm, and keeps what was typed', async () => {
    const team = await aTeam()
    const manager = await app.signIn('service-manager', team.service.key, { confirmed: false })
    app.clock.advance(16 * 60_000)
    const asked = await decide(manager, team, 'stay')
    assert.equal(asked.status, 403)
    assert.deepEqual(asked.headings, ['Confirm that it is you'])
    assert.match(asked.text, /name="reason" value="The evidence is there\."/)
    const { json } = await manager.api('POST', team.api('/decision'), { outcome: 'stay', reason: 'Not yet' })
    assert.equal(json.code, 'confirm-again')
  })

  test('GATE-16 a phase moved by key is recorded as such, with what was missing as its waiver', async () => {
    const team = await aTeam()
    const moved = await app.asAdmin.api('POST', team.api('/decision'), {
      outcome: 'go',
      reason: 'Migration of an older record.',
    })
    assert.equal(moved.status, 201)
    assert.equal(await phaseOfService(team), 'public-beta')
    const { json } = await team.manager.api('GET', `/api/v1/services/${team.service.key}/gates`)
    assert.match(json.decisions[0].waiver, /^Moved by Key .*Missing then: Criterion 1, criterion works: no verdict yet/)
    const { json: service } = await team.manager.api('GET', `/api/v1/services/${team.service.key}`)
    assert.match(service.phases.at(-1).waiver, /^Moved by Key/)
  })

  test('GATE-16 a key that moves the phase with a waiver of its own is recorded as having moved it', async () => {
    const team = await aTeam()
    const waiver = 'The gate was passed before the service came here.'
    const moved = await app.asAdmin.api('POST', `/api/v1/services/${team.service.key}/phase`, {
      ...{ to: 'public-beta', reason: 'Migration of an older record.', waiver },
    })
    assert.equal(moved.status, 200)
    const { json: service } = await team.manager.api('GET', `/api/v1/services/${team.service.key}`)
    assert.match(
      service.phases.at(-1).waiver,
      /^Moved by Key “.*”\. The gate was passed before the service came here\.$/,
    )
  })

  test('GATE-16 where a gate stands the phase moves at the gate; where none stands it moves by name and reason', async () => {
    const team = await aTeam()
    const around = await team.manager.api('POST', `/api/v1/services/${team.service.key}/phase-move`, {
      to: 'public-beta',
      reason: 'Now.',
    })
    assert.deepEqual([around.status, around.json.code], [409, 'gate-stands-between'])
    await decide(team.manager, team, 'back')
    const skipping = await team.manager.post(`/services/${team.service.key}/phase`, {
      to: 'public-beta',
      reason: 'Now.',
    })
    assert.equal(skipping.status, 422)
    assert.match(skipping.text, /This would skip/)
    assert.equal(
      (await team.manager.post(`/services/${team.service.key}/phase`, { to: 'private-beta', reason: 'Invite people.' }))
        .status,
      303,
    )
    assert.equal(await phaseOfService(team), 'private-beta')
  })

  test('GATE-15 a service keeps its version until it is moved; unchanged criteria keep their verdicts [row 280]', async () => {
    const team = await aTeam()
    await allMet(team)
    const url = `/api/v1/services/${team.service.key}/playbook`
    const { json } = await team.manager.api('GET', url)
    assert.equal(json.playbook.version, '1.0')
    assert.deepEqual(
      json.newer.differences.map(
        ({ kind, criterion: id, parts }: { kind: string; criterion: string; parts: string[] }) => [id, kind, ...parts],
      ),
      [
        ['works', 'changed', 'ask'],
        ['audited', 'unchanged'],
        ['runs', 'unchanged'],
      ],
    )
    const page = await team.manager.get(`/services/${team.service.key}/playbook`)
    assert.ok(page.headings.includes('Version 1.1 is out'))
    assert.equal((await team.manager.post(`/services/${team.service.key}/playbook`, { version: '1.1' })).status, 303)
    assert.equal((await team.manager.api('GET', url)).json.playbook.version, '1.1')
    assert.deepEqual([await stateOf(team, 'works'), await stateOf(team, 'audited')], ['needs-confirming', 'met'])
    assert.equal((await team.manager.api('PUT', url, { version: '9' })).status, 404)
  })

  test('filters show what waits for me, what is missing and what disagrees', async () => {
    const team = await aTeam()
    await verdict(team.product, team, 'works')
    const shown = async (filter: string) => {
      const { text } = await team.designer.get(`${team.at('')}?show=${filter}`)
      return (text.match(/id="c-[a-z]+"/g) ?? []).map((id) => id.slice(6, -1))
    }
    assert.deepEqual(await shown('mine'), ['audited'])
    assert.deepEqual(await shown('missing'), ['audited', 'runs'])
    assert.deepEqual(await shown('disagree'), [])
    assert.deepEqual(await shown('all'), ['audited', 'runs', 'works'], 'in each group, what is settled comes last')
  })

  test('IN-10 evidence of a day to come is refused beside its day: its age counts from there', async () => {
    const team = await aTeam()
    const ahead = await attachAudit(team, '2027-01-10')
    assert.equal(ahead.status, 422)
    assert.match(ahead.text, /id="dated-error"[^]*That day has not come yet/)
    assert.deepEqual((await team.manager.api('GET', team.api('/criteria/audited'))).json.evidence, [])
  })

  test('evidence can be set aside, and an unknown gate or criterion is not found', async () => {
    const team = await aTeam()
    await attachAudit(team)
    const { json } = await team.manager.api('GET', team.api('/criteria/audited'))
    const [item] = json.evidence
    assert.deepEqual([item.title, item.dated, item.owner], ['Audit by an outside body', '2026-11-10', 'A. Example'])
    assert.equal((await team.designer.post(team.at(`/criteria/audited/evidence/${item.id}/aside`))).status, 303)
    assert.equal((await team.manager.api('GET', team.api('/criteria/audited'))).json.evidence.length, 0)
    assert.equal((await team.manager.get(`/services/${team.service.key}/gates/nowhere`)).status, 404)
    assert.equal((await team.manager.get(team.at('/criteria/nothing'))).status, 404)
    assert.equal(
      (await team.manager.api('POST', team.api('/decision'), { outcome: 'perhaps', reason: 'x' })).status,
      400,
    )
  })
})
