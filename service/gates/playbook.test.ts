import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import { parse, stringify } from 'yaml'
import { signalRegistry, type Signal } from '../platform/index.ts'
import { loadPlaybooks } from './load-playbooks.ts'
import { criteriaAt, differences, type Playbook } from './playbook.ts'

const file = join(import.meta.dirname, '../../playbooks/client-beta.yaml')
const built = parse(readFileSync(file, 'utf8')) as Playbook

const stages = parse(readFileSync(join(file, '../feature-stages.yaml'), 'utf8')) as Playbook

const named = [built, stages].flatMap(({ criteria, gates }) => [
  ...criteria.flatMap(({ signals }) => signals.map(({ id }) => id)),
  ...gates.flatMap(({ conditions = [] }) => conditions.map(({ id }) => id)),
])
const aSignal = (id: string): Signal => ({
  id,
  unit: 'count',
  says: 'of something',
  read: async () => ({ kind: 'no-data', href: '/' }),
})
const all = signalRegistry([...new Set(named)].map(aSignal))

function load(change: (playbook: Playbook) => void, signals = all, of = built) {
  const directory = mkdtempSync(join(tmpdir(), 'phasegate-playbook-'))
  try {
    const playbook = structuredClone(of)
    change(playbook)
    writeFileSync(join(directory, 'changed.yaml'), stringify(playbook))
    return loadPlaybooks(signals, { directories: [directory] })
  } finally {
    rmSync(directory, { recursive: true })
  }
}

const first = <T>(items: T[]): T => {
  const item = items[0]
  if (item === undefined) throw new Error('empty')
  return item
}

test('GATE-1 the built-in playbook fits its schema and has two gates', () => {
  const playbook = loadPlaybooks(all).newest('client-beta')
  assert.deepEqual(
    playbook.gates.map(({ id }) => id),
    ['private-beta-to-public-beta', 'public-beta-to-live'],
  )
  assert.deepEqual(
    playbook.phases.map(({ id }) => id),
    ['discovery', 'prototyping', 'private-beta', 'public-beta', 'live', 'retired'],
  )
})

test('GATE-2 what was read of a playbook is kept for the next start, and never what does not fit', () => {
  const directory = mkdtempSync(join(tmpdir(), 'phasegate-playbook-'))
  const memo = join(directory, 'playbooks.json')
  const path = join(directory, 'changed.yaml')
  const load = () => loadPlaybooks(all, { directories: [directory], memo })
  try {
    writeFileSync(path, stringify(built))
    assert.deepEqual(load().all, [built])
    assert.deepEqual(load().all, [built])
    writeFileSync(memo, readFileSync(memo, 'utf8').replaceAll('client-beta', 'as-kept'))
    assert.equal(load().newest('as-kept').id, 'as-kept', 'the next start reads what was kept')
    writeFileSync(path, stringify({ ...built, name: 'Another' }))
    assert.equal(load().newest('client-beta').name, 'Another', 'and the file where that has changed')
    writeFileSync(path, stringify({ ...built, gates: 'none' }))
    for (let time = 0; time < 2; time++) assert.throws(load, /changed.yaml is not a playbook: \/gates must be array/)
    writeFileSync(path, stringify(built))
    for (const rubbish of ['{ "cut o', 'null', '7']) {
      writeFileSync(memo, rubbish)
      assert.deepEqual(load().all, [built])
    }
  } finally {
    rmSync(directory, { recursive: true })
  }
})

test('GATE-2 a playbook for services that asks what only a feature has is refused, with the name', () => {
  const ofFeatures = signalRegistry([...all.values()].map((each) => ({ ...each, of: 'feature' as const })))
  assert.throws(() => load(() => {}, ofFeatures), /names a signal of features: /)
})

test('GATE-22 a margin belongs to a limit on one side: with “exactly”, or without a limit, it is refused', () => {
  const withRule = (rule: object) => () =>
    load((playbook) => void Object.assign(first(first(playbook.criteria).signals), rule), all, stages)
  assert.doesNotThrow(withRule({ op: 'gte', value: 0, margin: 5 }))
  assert.throws(withRule({ op: 'eq', value: 0, margin: 5 }), /is not a playbook/)
  assert.throws(withRule({ op: undefined, value: undefined, margin: 5 }), /is not a playbook/)
  assert.throws(withRule({ op: 'gte', value: 0, margin: -1 }), /is not a playbook/)
})

test('GATE-18 the stages of a feature have the three verdicts inside, three after the beta and three after release, and three who sign', () => {
  const at = (gate: string) => criteriaAt(stages, gate).map(({ title }) => title)
  assert.deepEqual(at('internal-release-to-beta-release'), [
    'No major bug',
    'It solves the problem as stakeholders expect',
    'It improves the product',
  ])
  assert.deepEqual(at('beta-release-to-public-release'), [
    'It works as intended',
    'It solves the problem for those it was meant for',
    'The experience is better, in the best way available',
  ])
  for (const { to, signOffs } of stages.gates)
    assert.deepEqual(
      signOffs.map(({ role }) => role),
      to === 'public-release' ? ['developer', 'support', 'growth'] : [],
    )
})

test('GATE-18 a stage of a feature opens as far as FEAT-4 says; a playbook only says what to do there, and of all of them', () => {
  const { phases } = loadPlaybooks(all).newest('feature-stages')
  assert.deepEqual(
    phases.map(({ id, ceiling }) => [id, ceiling]),
    [
      ['development', 'preview'],
      ['internal-release', 'staff'],
      ['beta-release', 'invited'],
      ['public-release', 'open'],
      ['removal', 'everyone'],
    ],
  )
  const changed = (change: (playbook: Playbook) => void) => () => load(change, all, stages)
  assert.throws(
    changed((playbook) => playbook.phases.reverse()),
    /the stages of a feature are development, internal-release, .*, not removal/,
  )
  assert.throws(
    changed((playbook) => (first(playbook.phases).ceiling = 'everyone')),
    /is not a playbook: \/phases\/0 must NOT have additional properties/,
  )
})

test('the go-live assessment stands at the second gate, and its sign-off is independent', () => {
  const [before, after] = built.gates
  assert.equal(before?.assessment, undefined)
  assert.equal(after?.assessment, 'Go-live assessment')
  assert.deepEqual(after?.signOffs.find(({ independent }) => independent)?.role, 'assessor')
})

test('every sentence of the document that asks something is behind a criterion', () => {
  const rows = new Set(built.criteria.flatMap(({ source }) => source.rows))
  for (let row = 58; row <= 121; row++) assert.ok(rows.has(row), `row ${row} is behind no criterion`)
})

test('every outcome is offered at every gate', () => {
  for (const { outcomes } of built.gates) {
    assert.deepEqual(
      outcomes.map(({ kind }) => kind),
      ['go', 'go-with-actions', 'stay', 'repeat', 'back', 'stop'],
    )
  }
})

test('GATE-2 a playbook that names an unknown signal is refused, with the name', () => {
  const change = (playbook: Playbook) =>
    first(playbook.criteria).signals.push({ id: 'measures.made-up', windowDays: 7 })
  assert.throws(() => load(change), /chosen-idea names an unknown signal: measures\.made-up/)
})

test('GATE-2 a playbook that names an unknown phase, gate or group is refused, with the name', () => {
  assert.throws(() => load((playbook) => (first(playbook.gates).to = 'gamma')), /unknown phase: gamma/)
  assert.throws(() => load((playbook) => (first(playbook.criteria).gates = ['somewhere'])), /unknown gate: somewhere/)
  assert.throws(() => load((playbook) => (first(playbook.criteria).group = 'misc')), /unknown group: misc/)
  assert.throws(
    () => load((playbook) => playbook.criteria.push(first(playbook.criteria))),
    /two of kind criterion have the id chosen-idea/,
  )
})

test('GATE-2 a playbook that does not fit the schema is refused, with the place', () => {
  assert.throws(
    () => load((playbook) => Object.assign(first(playbook.criteria), { decidedBy: 'machine' })),
    /\/criteria\/0 must NOT have additional properties/,
  )
  const blocksWithoutRule = (playbook: Playbook) =>
    (first(playbook.criteria).signals = [{ id: first(named), windowDays: 7, blocks: true }])
  assert.throws(() => load(blocksWithoutRule), /must have property op when property blocks is present/)
})

test('a criterion asked at two gates may have a signal for one of them', () => {
  const playbook = structuredClone(built)
  first(playbook.criteria).gates = ['private-beta-to-public-beta', 'public-beta-to-live']
  first(playbook.criteria).signals = [{ id: first(named), windowDays: 7, gates: ['public-beta-to-live'] }]
  assert.equal(first(criteriaAt(playbook, 'private-beta-to-public-beta')).signals.length, 0)
  assert.equal(first(criteriaAt(playbook, 'public-beta-to-live')).signals.length, 1)
})

test('GATE-1 the version in force on a day is the newest that had begun', () => {
  const directory = mkdtempSync(join(tmpdir(), 'phasegate-playbook-'))
  writeFileSync(join(directory, 'a.yaml'), stringify({ ...built, version: '1.0', inForceSince: '2026-01-05' }))
  writeFileSync(join(directory, 'b.yaml'), stringify({ ...built, version: '1.1', inForceSince: '2026-06-01' }))
  const { inForce, newest } = loadPlaybooks(all, { directories: [directory] })
  rmSync(directory, { recursive: true })
  assert.equal(inForce('client-beta', new Date('2026-03-01')).version, '1.0')
  assert.equal(inForce('client-beta', new Date('2026-06-01')).version, '1.1')
  assert.equal(inForce('client-beta', new Date('2020-01-01')).version, '1.0')
  assert.equal(newest('client-beta').version, '1.1')
})

test('GATE-15 differences between versions name each criterion and the parts that changed', () => {
  const next = structuredClone(built)
  const [idea, integration] = next.criteria
  if (idea === undefined || integration === undefined) throw new Error('too few criteria')
  idea.title = 'Another title'
  integration.confirmAfterDays = 7
  next.criteria = next.criteria.filter(({ id }) => id !== 'roll-out')
  const found = differences(built, next).filter(({ kind }) => kind !== 'unchanged')
  assert.deepEqual(
    found.map(({ kind, criterion, parts }) => [kind, criterion, ...parts]),
    [
      ['changed', 'chosen-idea', 'title'],
      ['changed', 'integration', 'confirmAfterDays'],
      ['removed', 'roll-out'],
    ],
  )
})
