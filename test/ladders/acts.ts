import fc from 'fast-check'
import type { Condition } from '../../packages/admission/src/index.ts'

/** What a team and its people do to a ladder, in any order; a person is one of a few browsers. */
export type Act =
  | { kind: 'phase'; to: Phase }
  | { kind: 'share'; percent: number }
  | { kind: 'joining'; open: boolean }
  | { kind: 'cap'; places: number | null }
  | { kind: 'rules'; which: RuleName[] }
  | { kind: 'feature-share'; percent: number }
  | { kind: 'feature-rules'; which: RuleName[] }
  | { kind: 'feature-cohorts'; which: Cohort[] }
  | { kind: 'feature-stage'; forwards: boolean }
  | { kind: 'halt' | 'resume' | 'salt' }
  | { kind: 'invite'; who: number; as: Cohort | 'nobody in particular' }
  | { kind: 'withdraw' | 'remove' | PersonalKind; who: number }

type PersonalKind = (typeof personal)[number]
/** By the doors of the gateway, as a browser does. */
export const personal = [
  ...(['visit', 'preview', 'code', 'staff', 'accept', 'decline'] as const),
  ...(['join', 'choose-new', 'choose-current', 'leave'] as const),
]

/** As docs/rules/admission.md and contracts.md have it, apart from the code that is tried. */
export const ceilingOf = {
  discovery: 'preview',
  'private-beta': 'invited',
  'public-beta': 'open',
  live: 'everyone',
  retired: 'closed',
} as const
export type Phase = keyof typeof ceilingOf
export const ceilingOfStage: Readonly<Record<string, (typeof ceilings)[number]>> = {
  development: 'preview',
  'internal-release': 'staff',
  'beta-release': 'invited',
  'public-release': 'open',
  removal: 'everyone',
}
export const ceilings = ['closed', 'preview', 'staff', 'invited', 'open', 'everyone'] as const

export const stages: readonly string[] = Object.keys(ceilingOfStage)

/** On what a gateway knows by itself, and on what only an application can tell. */
export const rules = {
  welsh: { when: { kind: 'in', attribute: 'language', values: ['cy'] }, percent: 100 },
  'half of the phones': { when: { kind: 'in', attribute: 'device', values: ['mobile'] }, percent: 50 },
  'this network': { when: { kind: 'address', attribute: 'ip', ranges: ['127.0.0.0/8'] }, percent: 30 },
  'new applications': {
    when: { kind: 'version', attribute: 'version', test: '>=', value: '2.1.0' },
    percent: 100,
  },
} as const satisfies Record<string, { when: Condition; percent: number }>
export type RuleName = keyof typeof rules
const ruleNames = Object.keys(rules) as RuleName[]

/** People who were invited under one name. */
export const cohorts = ['Drivers', 'Landlords'] as const
export type Cohort = (typeof cohorts)[number]

export const browsers = 4
const who = fc.nat(browsers - 1)
const percent = fc.constantFrom(0, 30, 60, 100)

/** Phases come up and stay for a while; most of what happens is done by people. */
const anyAct: fc.Arbitrary<Act> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('phase' as const), to: anyPhase() }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('share' as const), percent }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('rules' as const), which: fc.subarray(ruleNames) }) },
  fc.record({ kind: fc.constant('joining' as const), open: fc.boolean() }),
  fc.record({ kind: fc.constant('cap' as const), places: fc.constantFrom(null, 12, 24, 60) }),
  fc.record({ kind: fc.constant('feature-share' as const), percent }),
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('feature-rules' as const), which: fc.subarray(ruleNames) }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('feature-cohorts' as const), which: fc.subarray([...cohorts]) }),
  },
  fc.record({ kind: fc.constant('feature-stage' as const), forwards: fc.boolean() }),
  fc.record({ kind: fc.constantFrom('halt' as const, 'resume' as const, 'resume' as const, 'salt' as const) }),
  fc.record({ kind: fc.constantFrom('remove' as const, 'withdraw' as const), who }),
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('invite' as const),
      who,
      as: fc.constantFrom(...cohorts, 'nobody in particular' as const),
    }),
  },
  { weight: 12, arbitrary: fc.record({ kind: fc.constantFrom(...personal, 'accept' as const), who }) },
)

function anyPhase(): fc.Arbitrary<Phase> {
  return fc.oneof(
    { weight: 4, arbitrary: fc.constant('public-beta' as const) },
    { weight: 2, arbitrary: fc.constantFrom('private-beta' as const, 'live' as const) },
    { weight: 1, arbitrary: fc.constantFrom('discovery' as const, 'retired' as const) },
  )
}

export interface Story {
  begins: Phase
  /** Of the feature, by its place among the stages. */
  stage: number
  /** What stands in one step is done at once. */
  steps: Act[][]
}

export const anyStory: fc.Arbitrary<Story> = fc.record({
  begins: fc.constantFrom('discovery', 'private-beta', 'private-beta', 'public-beta', 'public-beta', 'public-beta'),
  stage: fc.constantFrom(0, 2, 2, 3, 3, 4),
  steps: fc.array(fc.array(anyAct, { minLength: 1, maxLength: 5 }), { minLength: 3, maxLength: 6 }),
})

/** From the first preview to live and back: told each time, so that every ceiling has seen somebody in. */
export const wholeBeta: Story = {
  begins: 'discovery',
  stage: 2,
  steps: [
    [{ kind: 'preview', who: 0 }],
    [{ kind: 'phase', to: 'private-beta' }],
    [
      { kind: 'code', who: 1 },
      { kind: 'staff', who: 2 },
      { kind: 'invite', who: 3, as: 'Drivers' },
    ],
    [
      { kind: 'accept', who: 3 },
      { kind: 'feature-cohorts', which: ['Drivers'] },
    ],
    [{ kind: 'phase', to: 'public-beta' }],
    [{ kind: 'feature-stage', forwards: true }],
    [{ kind: 'feature-rules', which: ['welsh'] }],
    [
      { kind: 'share', percent: 30 },
      { kind: 'feature-share', percent: 30 },
    ],
    [
      { kind: 'share', percent: 60 },
      { kind: 'feature-share', percent: 60 },
    ],
    [
      { kind: 'share', percent: 100 },
      { kind: 'feature-share', percent: 100 },
    ],
    [
      { kind: 'share', percent: 30 },
      { kind: 'feature-share', percent: 30 },
    ],
    [{ kind: 'phase', to: 'live' }],
    [{ kind: 'halt' }],
    [{ kind: 'resume' }, { kind: 'phase', to: 'private-beta' }],
  ],
}

/** FEAT-18: what was prepared below open, and shut again there, has let nobody in, and what stood in a halt neither. */
export const preparedTooEarly: Story = {
  begins: 'private-beta',
  stage: 3,
  steps: [
    [
      { kind: 'code', who: 0 },
      { kind: 'code', who: 1 },
      { kind: 'staff', who: 2 },
    ],
    [{ kind: 'feature-share', percent: 100 }],
    [{ kind: 'share', percent: 100 }],
    [{ kind: 'feature-share', percent: 0 }],
    [{ kind: 'phase', to: 'public-beta' }],
    [{ kind: 'halt' }],
    [{ kind: 'feature-share', percent: 100 }],
    [{ kind: 'share', percent: 100 }],
    [{ kind: 'feature-share', percent: 0 }],
    [{ kind: 'share', percent: 0 }],
    [{ kind: 'resume' }],
  ],
}

export function sayAct({ kind, ...rest }: Act): string {
  const said = Object.values(rest).map((value) =>
    Array.isArray(value) ? value.join(' and ') || 'none' : String(value),
  )
  return [kind, ...said].join(' ')
}
