import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { OpenFeature } from '@openfeature/server-sdk'
import fc from 'fast-check'
import { newUnit } from '../../packages/admission/src/index.ts'
import { until } from '../support/until.ts'
import { anyStory, ceilingOf, preparedTooEarly, sayAct, wholeBeta, type Act, type Story } from './acts.ts'
import { openBeta, openTown, type Answer, type Beta, type Browser, type Facts, type Town } from './beta.ts'
import { hasChosenCurrent, openLaws, type Deed, type Judged } from './laws.ts'

const stories = 10
const lateNews = fileURLToPath(new URL('../chaos/plants/late-news.ts', import.meta.url))
/** They end only what hangs. */
const [startLimit, storyLimit] = [{ timeout: 300_000 }, { timeout: 600_000 }]

/** Known to no gateway: an application asks about them, by OFREP or in process. */
const strangers: readonly { unit: string; facts: Facts }[] = [
  { unit: 'customer-1', facts: { version: '2.1.0', language: 'en' } },
  { unit: 'customer-2', facts: { version: '1.9.9', device: 'mobile' } },
  { unit: newUnit(), facts: { language: 'cy' } },
  // As many as it takes that some are in and some are out under every share.
  ...Array.from({ length: 10 }, (_, n) => ({ unit: `visitor-${n}`, facts: {} })),
]

interface Subject {
  name: string
  unit: string | null
  facts: Facts
  browser: Browser | null
  /** Have several browsers had this unit? One of them may choose what another does not. */
  isShared: boolean
}

describe('Who gets in, asked in process, by OFREP and at the gateway of a running installation', () => {
  let town: Town
  before(async () => {
    town = await openTown()
  }, startLimit)
  after(async () => {
    await OpenFeature.clearProviders()
    await town.close()
  })

  test(
    'ADM-2 ADM-3 ADM-9 ADM-30 whatever is done in whatever order, nobody is in above the ceiling, growth only adds, and each person gets the same answer from all three [promise 8]',
    storyLimit,
    async () => {
      const seen = new Map<string, number>()
      const see = (what: string): void => void seen.set(what, (seen.get(what) ?? 0) + 1)
      // The same stories each time, and others with another seed; the units are others in any case, and are drawn anew.
      const seed = Number(process.env['TEST_SEED'] ?? 303)
      await fc.assert(
        fc.asyncProperty(anyStory, (story) => tell(story, see)),
        {
          numRuns: stories,
          examples: [[wholeBeta], [preparedTooEarly]],
          endOnFailure: true,
          seed,
        },
      )
      const ceilings = ['in under preview', 'in under invited', 'in under open', 'in under everyone']
      const rungs = ['staff', 'invited', 'rules', 'share'].map((rung) => `has the feature by ${rung}`)
      for (const what of [...ceilings, ...rungs])
        assert.ok((seen.get(what) ?? 0) > 0, `Nobody ${what}: ${JSON.stringify([...seen])}`)
    },
  )

  test(
    'ADM-2 a move of the phase that was acknowledged holds at once, by OFREP and at a gateway that hears of it late [promise 8]',
    storyLimit,
    async (t) => {
      const slow = await openTown(lateNews)
      t.after(() => slow.close())
      const beta = await openBeta(slow, { begins: 'public-beta', stage: 0, steps: [] })
      await beta.act({ kind: 'share', percent: 100 })
      await beta.everybodyHeard()
      for (const to of ['private-beta', 'live', 'discovery', 'public-beta', 'retired', 'public-beta'] as const) {
        assert.equal((await beta.act({ kind: 'phase', to })).answered, '200')
        const newcomer = { says: { language: 'en', device: 'Firefox' }, cookies: new Map() }
        const [asked, atGateway] = await Promise.all([beta.byOfrep(newUnit(), {}), beta.atGateway(newcomer)])
        const isOpen = ceilingOf[to] === 'open' || ceilingOf[to] === 'everyone'
        assert.deepEqual([to, asked?.service, atGateway], [to, isOpen, isOpen])
      }
    },
  )

  test('FEAT-4 a feature that was moved on or back is so at once, by OFREP [promise 8]', storyLimit, async () => {
    const beta = await openBeta(town, { begins: 'public-beta', stage: 3, steps: [] })
    await beta.act({ kind: 'share', percent: 100 })
    for (const forwards of [true, false, true, false, true]) {
      assert.equal((await beta.act({ kind: 'feature-stage', forwards })).answered, '200')
      assert.equal((await beta.byOfrep(newUnit(), {}))?.feature, forwards)
    }
  })

  async function tell(story: Story, see: (what: string) => void): Promise<void> {
    const beta = await openBeta(town, story)
    const laws = openLaws()
    /** Every pass that was ever given out, by unit, with the browsers that had it: each goes on being shown. */
    const passes: Passes = new Map()
    const told = [`Begins in ${story.begins}.`]
    try {
      for (const step of [[], ...story.steps]) {
        const did = await doAtOnce(beta, step)
        told.push(did.map(({ act, answered }) => `${sayAct(act)} (${answered})`).join(', '))
        // Whoever comes to the door may be let in there.
        await Promise.all(beta.people.map((person) => beta.atGateway(person)))
        keepPasses(beta, passes)
        const everybody = await agreed(beta, subjectsOf(beta, passes))
        await newcomersAgree(beta)
        const state = await beta.state()
        for (const { service, feature, by } of everybody) {
          see(`${service ? 'in' : 'out'} under ${ceilingOf[state.phase]}`)
          if (feature) see(`has the feature by ${by}`)
        }
        laws.look(state, did, everybody)
      }
    } catch (error) {
      throw new Error(`${(error as Error).message}\n${told.join('\n')}`, { cause: error })
    }
  }
})

async function doAtOnce(beta: Beta, step: readonly Act[]): Promise<Deed[]> {
  const unitOf = (act: Act): string | null => {
    const person = 'who' in act ? beta.people[act.who] : undefined
    return person === undefined ? null : beta.unitOf(person)
  }
  const did = await Promise.all(
    step.map(async (act) => {
      const unit = unitOf(act)
      return { act, unit, ...(await beta.act(act)) }
    }),
  )
  for (const { act, answered } of did)
    assert.match(
      answered,
      /^(2\d\d( [a-z-]+)?|303|nobody|404 person-unknown|(409|410|422)( .+)?)$/,
      `${sayAct(act)}: ${answered}`,
    )
  return did
}

type Passes = Map<string, { pass: Browser; holders: Set<Browser> }>

function keepPasses(beta: Beta, passes: Passes): void {
  for (const person of beta.people) {
    const unit = beta.unitOf(person)
    const pass = [...person.cookies].filter(([name]) => name.startsWith('pg_'))
    const holders = passes.get(unit ?? '')?.holders ?? new Set()
    if (unit !== null) passes.set(unit, { pass: { ...person, cookies: new Map(pass) }, holders: holders.add(person) })
  }
}

function subjectsOf(beta: Beta, passes: Passes): Subject[] {
  const about = (name: string, browser: Browser): Subject => {
    const unit = beta.unitOf(browser)
    const isShared = (passes.get(unit ?? '')?.holders.size ?? 0) > 1
    return { name, unit, facts: beta.factsOf(browser), browser, isShared }
  }
  return [
    ...beta.people.map((browser, n) => about(`Browser ${n}`, browser)),
    ...[...passes].map(([unit, { pass }]) => about(`The pass of ${unit}`, { ...pass, cookies: new Map(pass.cookies) })),
    ...strangers.map((stranger) => ({ name: stranger.unit, browser: null, isShared: false, ...stranger })),
  ]
}

/** What a gateway did by itself the others know within a second; what all say by then is what is judged. */
async function agreed(beta: Beta, subjects: readonly Subject[]): Promise<Judged[]> {
  let said: { judged: Judged; differs: string | null }[] = []
  const allAgree = async (): Promise<boolean> => {
    await beta.everybodyHeard()
    said = await Promise.all(subjects.map((subject) => askAll(beta, subject)))
    return said.every(({ differs }) => differs === null)
  }
  await until('the same answer from all', allAgree, 60_000).catch((error: Error) => {
    throw new Error([error.message, ...said.flatMap(({ differs }) => differs ?? [])].join('\n'))
  })
  return said.map(({ judged }) => judged)
}

async function askAll(beta: Beta, { name, unit: known, facts, browser, isShared }: Subject) {
  const atGateway = browser === null ? null : await beta.atGateway(browser)
  // The gateway may have given them another pass, or taken theirs.
  const unit = browser === null ? known : beta.unitOf(browser)
  // What somebody chose whom nobody knows, or who is known by another browser too, only their browser can tell (ADM-12).
  const isOwnSecret = (unit === null || isShared) && hasChosenCurrent(browser)
  const [byOfrep, inProcess] = [await beta.byOfrep(unit, facts), await beta.inProcess(unit, facts)]
  // Let in by this very question: within a second the feature knows it, too.
  const isComing = byOfrep?.service === true && byOfrep.by === 'service'
  const isSame = isDeepEqual(byOfrep, inProcess) && (atGateway === null || agreesWith(byOfrep, atGateway))
  const service = atGateway ?? byOfrep?.service === true
  const feature = byOfrep?.feature === true && !isOwnSecret
  return {
    judged: { name, unit, browser, service, feature, by: byOfrep?.by ?? '' },
    differs: isSame && !isComing ? null : `${name}: ${JSON.stringify({ unit, atGateway, byOfrep, inProcess })}`,
  }

  function agreesWith(answer: Answer | null, isNew: boolean): boolean {
    // Whom nobody knows nothing lets in by name.
    return answer === null || isOwnSecret ? !isNew : answer.service === isNew
  }
}

/** Somebody who was never asked about gets the same at once, whoever is asked first: also where places are counted. */
async function newcomersAgree(beta: Beta): Promise<void> {
  const facts = { version: '3.0.0', language: 'cy', device: 'mobile' }
  const differ: string[] = []
  // A place that somebody who left gives back may come free between two questions, and only then.
  for (const isOfrepFirst of [false, true, false]) {
    await beta.everybodyHeard()
    const unit = newUnit()
    const first = await (isOfrepFirst ? beta.byOfrep : beta.inProcess)(unit, facts)
    const second = await (isOfrepFirst ? beta.inProcess : beta.byOfrep)(unit, facts)
    if (isDeepEqual(first, second)) return
    differ.push(JSON.stringify({ unit, isOfrepFirst, first, second }))
  }
  assert.fail(`A newcomer gets another answer from whoever is asked second: ${differ.join(', ')}`)
}

function isDeepEqual(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}
