/** One question to a flag, and what has to come of it, whichever provider asks. */
export interface Question {
  /** The requirement of the OpenFeature specification that it is about. */
  about: string
  says: string
  type: 'boolean' | 'string' | 'number' | 'object'
  key: string
  fallback: unknown
  context?: Record<string, unknown>
  expect: Expected
}

export interface Expected {
  value: unknown
  variant?: string
  reason?: string
  errorCode?: string
}

/** What an SDK says of a flag, as far as it can leave a page. */
export interface Details {
  flagKey: string
  value: unknown
  variant?: string
  reason?: string
  errorCode?: string
  errorMessage?: string
  flagMetadata: Record<string, unknown>
  /** Hooks that were given with the question, in the order in which they were called. */
  hooks: string[]
  /** Is the context that was given the same as before? */
  isContextUntouched: boolean
}

export interface Setting {
  url: string
  /** Of the kind that belongs to our provider; the official ones are given none. */
  key: string | null
  waitMs?: number
  /** Of the official one for browsers: answers from its cache come first. */
  isCached?: boolean
}

/** What the service is asked to hold: `on` for everybody, or for those whom the rule names, `off` for all others. */
export interface FlagForTest {
  key: string
  variants: Record<string, unknown>
  on: string
  off: string
  isOn: boolean
  rule?: { when: object; variant: string }
}

const pictures = { caption: 'Parking at night', thumbnails: true, perPage: 24 }
const insider = { kind: 'in', attribute: 'mail', values: ['insider@permits.example'] }
const types = [
  { type: 'boolean', zero: false, other: true },
  { type: 'string', zero: '', other: 'something' },
  { type: 'number', zero: 0, other: 7 },
  { type: 'object', zero: {}, other: pictures },
] as const

export const flags: readonly FlagForTest[] = [
  { key: 'plan-yes', variants: { yes: true, no: false }, on: 'yes', off: 'no', isOn: true },
  { key: 'plan-word', variants: { welcome: 'come in', goodbye: 'goodbye' }, on: 'welcome', off: 'goodbye', isOn: true },
  { key: 'plan-whole', variants: { dozen: 12, one: 1 }, on: 'dozen', off: 'one', isOn: true },
  { key: 'plan-part', variants: { quarter: 0.25, tenth: 0.1 }, on: 'quarter', off: 'tenth', isOn: true },
  { key: 'plan-thing', variants: { pictures, nothing: {} }, on: 'pictures', off: 'nothing', isOn: true },
  ...types.map(({ type, zero, other }): FlagForTest => {
    return { key: `plan-zero-${type}`, variants: { zero, other }, on: 'zero', off: 'other', isOn: true }
  }),
  ...types.map(({ type, zero, other }): FlagForTest => {
    const rule = { when: insider, variant: 'named' }
    return {
      key: `plan-named-${type}`,
      variants: { named: zero, zero, other },
      on: 'other',
      off: 'zero',
      isOn: true,
      rule,
    }
  }),
  {
    ...{
      key: 'plan-many',
      variants: { inside: 'INSIDE', outside: 'OUTSIDE' },
      on: 'inside',
      off: 'outside',
      isOn: true,
    },
    rule: {
      variant: 'inside',
      when: {
        kind: 'all',
        of: [
          insider,
          { kind: 'in', attribute: 'post', values: ['warden', 'clerk'] },
          { kind: 'number', attribute: 'years', test: '>=', value: 30 },
          { kind: 'not', of: { kind: 'true', attribute: 'isVisitor' } },
        ],
      },
    },
  },
  { key: 'plan-shut-boolean', variants: { yes: true, no: false }, on: 'yes', off: 'no', isOn: false },
  {
    key: 'plan-shut-string',
    variants: { welcome: 'come in', closed: 'closed' },
    on: 'welcome',
    off: 'closed',
    isOn: false,
  },
]

const fallbacks = { boolean: true, string: 'fallback', number: 99, object: { fallback: 1 } } as const

function plain(
  about: string,
  says: string,
  key: string,
  fallback: unknown,
  expect: Expected,
  context?: Record<string, unknown>,
): Question {
  const type = typeof fallback as Question['type']
  return { about, says, type, key, fallback, expect, ...(context !== undefined && { context }) }
}

const mail = 'insider@permits.example'

export const questions: readonly Question[] = [
  ...(
    [
      ['plan-yes', false, true, 'yes'],
      ['plan-word', 'nobody there', 'come in', 'welcome'],
      ['plan-whole', 1, 12, 'dozen'],
      ['plan-part', 0.1, 0.25, 'quarter'],
      ['plan-thing', {}, pictures, 'pictures'],
    ] as const
  ).map(([key, fallback, value, variant]) =>
    plain('1.3.1.1, 1.4.3, 1.4.5, 1.4.6', `value, key and variant of ${key}`, key, fallback, {
      ...{ value, variant, reason: 'STATIC' },
    }),
  ),
  ...types.map(({ type, zero }) =>
    plain('1.4.7', `an empty ${type} is a value`, `plan-zero-${type}`, fallbacks[type], {
      ...{ value: zero, variant: 'zero', reason: 'STATIC' },
    }),
  ),
  ...types.map(({ type, zero }) =>
    plain(
      '1.4.7',
      `a rule that holds gives a ${type}, and says so`,
      `plan-named-${type}`,
      fallbacks[type],
      { value: zero, variant: 'named', reason: 'TARGETING_MATCH' },
      { mail },
    ),
  ),
  // The specification says DEFAULT here. OFREP 0.3.0 has no such reason on the wire: it is STATIC, with the rung `default`.
  ...types.flatMap(({ type, zero }) =>
    [
      ['another value', { mail: 'else@permits.example' }],
      ['an empty context', {}],
      ['null', { mail: null }],
    ].map(([what, context]) =>
      plain(
        '1.3.1.1, 1.4.7',
        `a rule that does not hold for ${String(what)} leaves the other ${type}`,
        `plan-named-${type}`,
        fallbacks[type],
        { value: zero, variant: 'zero', reason: 'STATIC' },
        context as Record<string, unknown>,
      ),
    ),
  ),
  plain(
    '1.3.1.1',
    'a rule on four attributes holds when all of them do',
    'plan-many',
    'fallback',
    { value: 'INSIDE', variant: 'inside', reason: 'TARGETING_MATCH' },
    { mail, post: 'clerk', years: 31, isVisitor: false },
  ),
  plain(
    '1.3.1.1',
    'and not when one of them does not',
    'plan-many',
    'fallback',
    { value: 'OUTSIDE', variant: 'outside', reason: 'STATIC' },
    { mail, post: 'clerk', years: 31, isVisitor: true },
  ),
  ...types.map(({ type }) =>
    plain(
      '1.4.8, 1.4.9, 1.4.10',
      `a flag that is not there is the ${type} of the code`,
      'plan-nowhere',
      fallbacks[type],
      {
        ...{ value: fallbacks[type], reason: 'ERROR', errorCode: 'FLAG_NOT_FOUND' },
      },
    ),
  ),
  ...(
    [
      ['plan-yes', 'string'],
      ['plan-yes', 'number'],
      ['plan-yes', 'object'],
      ['plan-word', 'boolean'],
      ['plan-word', 'number'],
      ['plan-word', 'object'],
      ['plan-whole', 'string'],
      ['plan-thing', 'boolean'],
    ] as const
  ).map(([key, type]) =>
    plain('1.3.4, 1.4.10', `${key} asked for as ${type} is the value of the code`, key, fallbacks[type], {
      ...{ value: fallbacks[type], reason: 'ERROR', errorCode: 'TYPE_MISMATCH' },
    }),
  ),
  plain('1.4.7', 'a flag that is off says so', 'plan-shut-boolean', false, {
    ...{ value: false, variant: 'no', reason: 'DISABLED' },
  }),
  plain('1.4.7', 'a flag that is off says so, with its text', 'plan-shut-string', 'closed', {
    ...{ value: 'closed', variant: 'closed', reason: 'DISABLED' },
  }),
]
