/** What the team of the example said and showed before the gate to public beta. Each act is told with its own day. */
export interface CriterionStory {
  criterion: string
  evidence: { asked: string; title: string; note: string; daysAgo: number }[]
  verdict: { kind: 'met' | 'not-met'; reason: string; by: Teammate; daysAgo: number } | null
}

export const team = {
  manager: { name: 'A. Example', email: 'a.example@example.org', role: 'service-manager' },
  product: { name: 'B. Example', email: 'b.example@example.org', role: 'product' },
  developer: { name: 'C. Example', email: 'c.example@example.org', role: 'developer' },
  designer: { name: 'D. Example', email: 'd.example@example.org', role: 'designer' },
  researcher: { name: 'E. Example', email: 'e.example@example.org', role: 'researcher' },
  analyst: { name: 'F. Example', email: 'f.example@example.org', role: 'performance-analyst' },
  support: { name: 'G. Example', email: 'g.example@example.org', role: 'support' },
  client: { name: 'H. Example', email: 'h.example@example.org', role: 'client' },
  risk: { name: 'J. Example', email: 'j.example@example.org', role: 'risk-owner' },
  assessor: { name: 'K. Example', email: 'k.example@example.org', role: 'assessor' },
} as const
export type Teammate = keyof typeof team

export const gate = 'private-beta-to-public-beta'

/** Short form: criterion, who, days ago, why; then its evidence. */
function met(
  criterion: string,
  by: Teammate,
  daysAgo: number,
  reason: string,
  evidence: CriterionStory['evidence'] = [],
): CriterionStory {
  return { criterion, evidence, verdict: { kind: 'met', reason, by, daysAgo } }
}

function shown(asked: string, title: string, daysAgo: number, note = ''): CriterionStory['evidence'][number] {
  return { asked, title, note, daysAgo }
}

export const criteria: readonly CriterionStory[] = [
  met('chosen-idea', 'product', 44, 'Asking for the address first won over the map and over one long form.', [
    shown('decision', 'Decision: address first', 44, 'The map was slow on phones; the long form lost one in three.'),
  ]),
  met(
    'integration',
    'developer',
    30,
    'Address register and permit register answer; payment goes on by letter for now.',
    [shown('map', 'Map of links to other systems', 30, 'Address register, permit register, wardens’ handhelds.')],
  ),
  met('roll-out', 'product', 9, 'Three groups came in, a fortnight apart, and each taught us one thing.', [
    shown(
      'steps',
      'The three groups and what each taught',
      9,
      'Harbour, Market, Station; next is everyone, one tenth first.',
    ),
  ]),
  met('support-ready', 'support', 8, 'All six of us have used it and know where people go in it.', [
    shown('briefing', 'Briefing of the contact centre', 8, 'Six of six took part.'),
  ]),
  met(
    'clients-ready',
    'manager',
    12,
    'The wardens’ contractor checked number plates against the new register for a week.',
    [shown('readiness', 'Week of checks by the wardens’ contractor', 13)],
  ),
  met(
    'invited-people',
    'researcher',
    10,
    'The people who were invited came, and most of them came back to say how it was.',
  ),
  met('feedback-used', 'researcher', 6, 'Every comment is read within two days; nine of them led to a change.'),
  met('runs-at-scale', 'developer', 15, 'Ten times the busiest Monday of last year, without an error.', [
    shown('load-test', 'Load test at ten times the busiest Monday', 16, 'Slowest answer 0.4 seconds.'),
  ]),
  met('current-runs-on', 'manager', 15, 'It stays until the new one is live; the contract runs until next summer.'),
  met(
    'needs',
    'researcher',
    40,
    'Seven needs, each from at least three people; the first is to know whether I can have one at all.',
    [shown('needs', 'Needs of people who park on their street', 41)],
  ),
  met('research', 'researcher', 11, 'Four rounds since the beta began, the last one about the not-eligible page.', [
    shown('round', 'Round 4: people who cannot have a permit', 12, 'Six people; two findings, both built.'),
  ]),
  met('success-data', 'analyst', 9, 'Starts, endings and answers come in from both services, at every ending.'),
  {
    criterion: 'works-well',
    evidence: [],
    verdict: {
      kind: 'not-met',
      by: 'analyst',
      daysAgo: 4,
      reason:
        'The average is fine, but people who move in next month cannot choose a start date. They finish, and then ring us.',
    },
  },
  met(
    'iterate',
    'product',
    10,
    'Spaces in number plates, zone names, the phone number on the not-eligible page: each from a finding.',
    [shown('story', 'Nine changes, each with its finding', 10)],
  ),
  met('scope', 'designer', 33, 'Visitor permits stay out: those who want one look for it elsewhere.', [
    shown('scope', 'Card sort with eleven residents', 35),
  ]),
  met(
    'wider-journey',
    'designer',
    31,
    'Moving house is the journey; council tax and the bin calendar come before us.',
    [shown('journey-map', 'Journey of moving house', 32)],
  ),
  met('in-the-open', 'product', 14, 'Two posts, and the wardens read both.', [
    shown('post', 'Post: what we learned from number plates', 14),
  ]),
  met('show-and-tells', 'product', 13, 'Every second Thursday; the contact centre comes each time.', [
    shown('attendance', 'Show and tell with contact centre and wardens', 13, '14 people.'),
  ]),
  {
    criterion: 'community',
    evidence: [shown('community', 'Asked three other councils about a community', 7, 'Two answered and would join.')],
    verdict: null,
  },
  met(
    'constraints',
    'manager',
    26,
    'The contract of the old system ends in summer; people move over in steps until then.',
    [shown('constraints', 'Constraints and how each is treated', 27)],
  ),
  met('data-shared-safely', 'risk', 22, 'We ask for a postcode and a number plate, and keep nothing else.', [
    shown('privacy', 'Data protection impact assessment', 24),
  ]),
  met('data-sharing-holds', 'developer', 17, 'The address register was asked 40,000 times in a day and kept up.', [
    shown('interfaces', 'Trial of the address register', 17),
  ]),
  met('signposts', 'support', 12, 'The library, the town hall and the back of the old permit say where to go.', [
    shown('signposts', 'List of signposts', 12),
  ]),
  met('assisted-digital', 'support', 13, 'By phone and at the library; the three people who needed it got through.', [
    shown('routes', 'Trial of the phone route and of the library', 14, 'Eleven minutes by phone, on average.'),
  ]),
  met('support-model', 'support', 13, 'The contact centre first, then the team, within a day.', [
    shown('model', 'Who helps with what, and when', 13),
  ]),
  met('operations-involved', 'product', 13, 'Two wardens sat in when we chose what to build next.', [
    shown('sessions', 'Priorities with wardens and contact centre', 14),
  ]),
  met(
    'accessibility-tested',
    'designer',
    9,
    'All nine pages, by keyboard, with two screen readers and at four times the size.',
    [shown('tests', 'Accessibility test of all nine pages', 10, 'No barrier left.')],
  ),
  met(
    'disabled-people',
    'researcher',
    11,
    'Three of the last fourteen: one blind, one with tremor, one who is dyslexic.',
    [shown('sessions', 'Sessions with disabled people, rounds 2 to 4', 12)],
  ),
  met('audit-fixed', 'designer', 9, 'All five issues are fixed, and the auditor has seen them again.', [
    shown('audit', 'Accessibility audit', 29, 'Five issues, none of them critical.'),
    shown('retest', 'Re-test by the auditor', 10),
  ]),
  met('nobody-excluded', 'researcher', 11, 'No printer, no email and no card is needed.', [
    shown('pain-points', 'Who might give up, and where', 12),
  ]),
  met('deployment', 'developer', 8, 'Thirty-one deployments in six weeks; nobody lost an answer.', [
    shown('deploys', 'Deployments and errors around them', 8),
  ]),
  met('security', 'risk', 20, 'Two findings, both fixed within a week.', [shown('security-test', 'Security test', 23)]),
  met('cookies', 'developer', 20, 'One cookie, for the answers, until the browser is closed.', [
    shown('cookie-check', 'Check with a fresh browser', 20),
  ]),
  met('unavailable', 'risk', 21, 'After an hour people ring; after a day wardens stop fining in the three zones.', [
    shown('rehearsal', 'Rehearsal of an afternoon without the service', 21),
  ]),
  met('testing', 'developer', 8, 'Every page of the journey, on each change.', [
    shown('test-run', 'Last run of all tests', 8),
  ]),
]

export const signOffs: readonly { role: string; by: Teammate; daysAgo: number; note: string }[] = [
  { role: 'support', by: 'support', daysAgo: 7, note: 'We are ready for the Harbour summer too.' },
  { role: 'risk-owner', by: 'risk', daysAgo: 5, note: 'With one tenth first, and the old service beside it.' },
]

/** Decisions on what people wrote, by what they wrote about. */
export const decisions: readonly { about: RegExp; state: 'answered' | 'closed'; says: string }[] = [
  {
    about: /start date|move in|begin exactly|midnight/i,
    state: 'closed',
    says: 'In the backlog: let people choose the day.',
  },
  { about: /email that confirms|reference number/i, state: 'closed', says: 'Building a confirmation by email.' },
  { about: /border|zone|map|neighbour/i, state: 'closed', says: 'A map of the zones goes onto the start page.' },
  { about: /new building|permit sign/i, state: 'answered', says: 'Told the register team; the postcode was added.' },
  { about: /two cars|hire car|visitor/i, state: 'closed', says: 'Out of scope for now; kept for the visitor permit.' },
  {
    about: /error|sorry page|could not look up|fault/i,
    state: 'answered',
    says: 'The address register was down. It now has a second try.',
  },
  {
    about: /cheque|pay|price/i,
    state: 'closed',
    says: 'Payment is asked for by letter until spring; the page now says so.',
  },
  {
    about: /old paper permit|proof of my address/i,
    state: 'answered',
    says: 'Explained on the done page since last week.',
  },
]
