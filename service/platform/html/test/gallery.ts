import * as ui from '../index.ts'
import { html, type Html } from '../index.ts'
import { gatePage } from './gallery-gate.ts'
import { formPage, invitationPage, satisfactionPage } from './gallery-forms.ts'

// Every component in every state, on pages that look like ours. Rendered in tests only.

const day = (n: number): Date => new Date(Date.UTC(2026, 9, 5 + n))
const date = (at: Date): string => at.toLocaleDateString('en-GB', { day: 'numeric', month: 'short', timeZone: 'UTC' })
const serviceName = 'Apply for a resident parking permit'

export const navigation = (active: string): ui.TeamNavigationItem[] =>
  ['Overview', 'Who gets in', 'Measures', 'Feedback', 'Gate', 'History', 'Team', 'Settings'].map((text) => ({
    text,
    href: `/${ui.slug(text)}`,
    active: text === active,
  }))

export const frame = (title: string, active: string, more: Partial<ui.TeamPageOptions> = {}): ui.TeamPageOptions => ({
  title,
  top: {
    service: { name: serviceName, href: '/overview' },
    account: { name: 'A. Example', role: 'service manager', href: '/account' },
    halt: ui.haltControl({
      what: 'the beta',
      kind: 'running',
      action: '/halt',
      text: '418 people are in the beta. Their next page is the current service. Nobody gets an error, and whoever is in keeps their place for when you resume.',
    }),
  },
  navigation: navigation(active),
  exampleData: true,
  footnote: 'Figures as of 20 November 2026, 14:32.',
  ...more,
})

const phases = (here: number): ui.TrackPhase[] =>
  ['Discovery', 'Prototyping', 'Private beta', 'Public beta', 'Live', 'Retired'].map((name, index) => ({
    name,
    note:
      index === here
        ? html`<b>Day 47</b> of about 65`
        : (['2 Mar to 14 Jun', '16 Jun to 2 Oct', 'Invited people', 'Anyone, by share', 'Everyone', ''][index] ?? ''),
    state: index < here ? 'done' : index === here ? 'here' : 'ahead',
    percent: 72,
  }))

export const track = (halted = false): ui.TrackOptions => ({
  phases: phases(2),
  gates: [
    null,
    null,
    { state: 'next', note: html`<b>9 of 44</b> met`, href: '/gate' },
    { state: 'shut', note: 'Not started' },
    null,
  ],
  current: { endsAfter: 3 },
  halted,
})

const trend = (from: number, to: number, spread: number): ui.Point[] =>
  Array.from({ length: 7 }, (_, week) => {
    const value = from + ((to - from) * week) / 6 + Math.sin(week * 2) * 0.8
    return { at: day(week * 7), value, low: value - spread / (week + 1.5), high: value + spread / (week + 1.5) }
  })

const completion: ui.FigureOptions = {
  name: 'Completion rate',
  href: '/measures',
  reading: { kind: 'value', value: '84.2', unit: '%' },
  status: { kind: 'above', words: 'Above target' },
  interval: {
    value: 84.2,
    low: 82.1,
    high: 86.2,
    target: 80,
    domain: [60, 100],
    label: '84.2 percent, interval 82.1 to 86.2, target 80',
  },
  facts: [
    { name: 'Interval', value: '82.1 to 86.2' },
    { name: 'Target', value: '80' },
    { name: 'Based on', value: '1,204 starts' },
  ],
  trend: { points: trend(76, 84.2, 9), target: 80, label: 'Completion by week, from 76 to 84.2 percent over 7 weeks' },
  definition: {
    says: 'Journeys that reached an ending, of those that started.',
    version: 'Completion, version 2',
    period: '24 October to 20 November',
    from: '1,204 starts',
    interval: '95%, Wilson',
    source: 'Gateway',
    href: '/measures/completion',
  },
}

const kpis: ui.FigureOptions[] = [
  completion,
  {
    ...completion,
    name: 'Satisfaction',
    reading: { kind: 'value', value: '80.0', unit: '%' },
    status: { kind: 'close', words: 'Too close to call' },
    interval: {
      value: 80,
      low: 76.7,
      high: 83,
      target: 78,
      domain: [60, 100],
      label: '80 percent, interval 76.7 to 83, target 78',
    },
    trend: { points: trend(72, 80, 12), target: 78, label: 'Satisfaction by week' },
  },
  {
    name: 'Cost per transaction',
    reading: { kind: 'value', value: '£6.12' },
    status: { kind: 'below', words: 'Over target' },
    interval: { value: 6.12, target: 4.5, domain: [0, 10], label: '6.12 pounds, target 4.50 or less' },
    facts: [
      { name: 'Target', value: '£4.50 or less' },
      { name: 'Based on', value: '886 completed' },
    ],
  },
  {
    name: 'Assisted completion',
    reading: { kind: 'too-few', n: 11, needed: 30, of: 'starts' },
    facts: [{ name: 'Target', value: '75' }],
  },
]

const rows: ui.ComparisonRow[] = [
  {
    name: 'Completion rate',
    note: 'completed of started',
    new: { value: '84.2%', from: 'of 1,204' },
    current: { value: '71.5%', from: 'of 8,846' },
    difference: {
      kind: 'value',
      value: 12.7,
      low: 10.3,
      high: 15,
      isBetterHigher: true,
      words: '12.7 points higher',
      range: '10.3 to 15.0',
    },
  },
  {
    name: 'Time to complete',
    note: 'median',
    new: { value: '6:40', from: 'of 1,014' },
    current: { value: '11:05', from: 'of 6,325' },
    difference: {
      kind: 'value',
      value: -265,
      low: -300,
      high: 40,
      isBetterHigher: false,
      words: '4:25 faster',
      range: '5:00 faster to 0:40 slower',
    },
  },
  {
    name: 'Error pages',
    note: 'in 1,000 views',
    new: { value: '4.1', from: 'of 9,760' },
    current: { value: 'No data', from: '' },
    difference: { kind: 'none', words: 'The current service is not measured' },
  },
]

const overviewPage = (): Html =>
  ui.teamPage(
    frame(serviceName, 'Overview', { eyebrow: 'Private beta since 5 October 2026', live: '/live' }),
    html`${ui.section({ title: 'Phase', hideTitle: true, live: true }, ui.box(ui.phaseTrack(track()), { track: true }))}
    ${ui.split(
      '7-5',
      ui.section(
        { title: 'Needs you today' },
        ui.todoList([
          {
            title: 'Data and team disagree on “succeed first time”',
            href: '/gate',
            text: 'Completion is clear of its target, the verdict is “not met”. One of the two needs to move before 9 December.',
            meta: 'Yours to decide. Open for 4 days',
          },
          {
            title: '95 open invitations, 82 places left',
            href: '/who-gets-in',
            text: 'Raise the cap, or let the first 82 in.',
            meta: 'Yours to decide',
          },
        ]),
      ),
      ui.section(
        { title: 'Who is in', live: true },
        ui.box(
          html`<p class="pg-who__figure">
              <span class="pg-figure-l">418</span> <span class="pg-who__of">of 500 places taken</span>
            </p>
            ${ui.meter({ value: 418, max: 500, held: 41, label: '418 of 500 places taken, 41 held by open invitations' })}
            ${ui.statList([
              { name: 'Invited', value: '640' },
              { name: 'Accepted', value: '418', note: '65.3%' },
              { name: 'Active, 7 days', value: '347', note: '83.0%' },
              { name: 'Went back', value: '12', note: '2.9%' },
            ])}`,
        ),
      ),
    )}
    ${ui.section({ title: 'How it performs', aside: '24 October to 20 November. Bar: 95% interval. Post: target.' }, ui.kpiStrip(kpis))}
    ${ui.split(
      '7-5',
      ui.section(
        { title: 'New beside current service' },
        ui.box(
          ui.comparison({
            caption: 'New and current service',
            rows,
            note: 'People in the beta were invited, not drawn by lot. This compares two groups; it doesn’t prove a cause.',
          }),
        ),
      ),
      ui.section(
        { title: 'Latest feedback', aside: ui.link('All 238', '/feedback') },
        ui.quoteList([
          {
            score: 2,
            text: 'I could not tell which of the two letters counts as proof of address, so I rang up.',
            meta: 'Proof of address, phone, 14:11',
            tags: [{ words: 'New', tone: 'data' }],
          },
          { score: 5, text: 'Done on the bus in five minutes.', meta: 'Done page, phone, 13:40' },
          {
            score: null,
            text: 'It asked for my vehicle twice.',
            meta: 'Your vehicle, desktop, 11:58',
            tags: [{ words: 'Seen' }],
          },
        ]),
      ),
    )}
    ${ui.section(
      { title: 'What happened', aside: ui.link('All history', '/history') },
      ui.historyList([
        {
          at: day(46),
          when: '14:26',
          who: 'A. Example',
          what: 'raised the cap from 200 to 500',
          why: 'Quiet for 7 days',
        },
        { at: day(30), when: '4 Nov', who: 'B. Example', what: 'invited 50 people' },
      ]),
    )}`,
  )

const partsPage = (): Html =>
  ui.teamPage(
    frame('Parts', 'Measures', {
      lede: 'Small parts, each in every state that it knows.',
      aside: ui.actions(
        ui.button({ text: 'First act' }),
        ui.button({ text: 'Second act', kind: 'secondary', href: '/second' }),
      ),
      top: {
        ...frame('', '').top,
        halt: ui.haltControl({
          what: 'the beta',
          kind: 'halted',
          action: '/resume',
          text: 'Everybody gets the current service since 03:12.',
          mayResume: true,
        }),
      },
    }),
    html`${ui.haltedBar('Everybody gets the current service since 03:12 today, by A. Example: “payments fail”.')}
    ${ui.notificationBanner({ type: 'success', title: 'Done', content: '50 people invited', disableAutoFocus: true })}
    ${ui.factStrip(
      [
        { name: 'Interval, 95%', value: '76.7 to 83.0' },
        { name: 'Target', value: '78' },
        { name: 'Based on', value: '611 answers' },
        { name: 'Answer rate', value: '57.8%' },
        { name: 'Definition', value: 'Top two of five, version 2' },
      ],
      html`<span class="pg-figure-l">80.0<span class="pg-unit">%</span></span>`,
    )}
    ${ui.section(
      { title: 'Satisfaction is above its target since November', tight: true },
      ui.box(
        ui.lineChart({
          id: 'chart-satisfaction',
          title: 'Satisfaction by week',
          desc: 'The new service rises from 68 to 80 percent; the current one stays at 68.',
          series: [
            { name: 'New service', arm: 'new', points: trend(68, 80, 12) },
            {
              name: 'Current service',
              arm: 'current',
              points: trend(67, 68, 0).map(({ at, value }, index) => ({ at, value: index === 2 ? null : value })),
            },
          ],
          target: { value: 78, words: 'Target, 78' },
          events: [
            {
              at: day(10),
              title: 'new definition',
              text: 'The two series can’t be compared and aren’t joined.',
              newDefinition: true,
            },
            { at: day(24), title: 'cap raised to 500' },
          ],
          formatValue: (value) => `${Math.round(value * 10) / 10}%`,
          formatDate: date,
        }),
      ),
    )}
    ${ui.split(
      'half',
      ui.section(
        { title: 'Where people stop' },
        ui.box(
          ui.barList({
            label: 'Steps of the journey',
            bars: [
              { name: 'Start page', value: 1204, words: '1,204' },
              { name: 'Your address', value: 1149, words: '1,149', note: '55 fewer' },
              {
                name: 'An ending',
                value: 1014,
                words: '1,014',
                current: 800,
                note: '146 left elsewhere',
                strong: true,
              },
            ],
          }),
        ),
      ),
      ui.section(
        { title: 'Who got in' },
        ui.box(
          ui.dataTable({
            caption: 'Cohorts',
            head: [
              { text: 'Cohort' },
              { text: 'Invited', numeric: true },
              { text: 'Accepted', numeric: true },
              { text: 'Actions', hidden: true },
            ],
            rows: [
              ['First fifty', '50', '41', ui.link('Open', '/cohort/1', { hidden: 'First fifty' })],
              ['Waiting list', '392', '271', ui.link('Open', '/cohort/2', { hidden: 'Waiting list' })],
            ],
            foot: ['All', '442', '312', ''],
          }),
        ),
      ),
    )}
    ${ui.section(
      { title: 'The ladder' },
      ui.ladder({
        label: 'The rungs, in the order in which a decision asks them',
        ceiling: { words: 'Ceiling: private beta', link: { text: '9 of 44 met at the gate', href: '/gate' } },
        rungs: [
          { name: 'Staff', count: 34, action: { text: 'See it yourself', href: '#staff' } },
          {
            name: 'Invited',
            count: 271,
            note: '392 invited, 271 accepted',
            meter: { value: 271, max: 392, label: '271 of 392 accepted' },
          },
          { name: 'A share of everyone', count: 0, note: 'Opens with public beta', isShut: true },
        ],
      }),
    )}
    ${ui.split(
      'half',
      ui.section(
        { title: 'Set up' },
        ui.checklist([
          { title: 'First request seen', isDone: true, text: 'Today at 14:02' },
          {
            title: 'Feedback link',
            isDone: false,
            text: 'On 3 of 7 pages.',
            action: ui.button({ text: 'Show the pages', kind: 'secondary' }),
          },
        ]),
      ),
      html`${ui.section({ title: 'Nothing yet' }, ui.emptyState({ title: 'Nobody has been invited', text: 'Invite the first people by their email addresses.', action: ui.button({ text: 'Invite people' }) }))}
      ${ui.section(
        { title: 'Why is this person in?' },
        ui.box(
          ui.whyList([
            { question: 'Halted?', answer: 'No' },
            { question: 'Own choice?', answer: 'None made' },
            { question: 'Invitation', answer: html`<b>Accepted 12 October.</b> Place 203 of 500`, decided: true },
          ]),
        ),
      )}`,
    )}
    ${ui.section(
      { title: 'Marks' },
      ui.box(
        html`<p>${marks.map((name) => html`${ui.state(name, name)} &ensp; `)}</p>
          <p>
            ${ui.chip('New', { tone: 'data' })} ${ui.chip('Halted 03:12', { tone: 'stop', mark: 'halted' })}
            ${ui.chip('Aged', { tone: 'watch', mark: 'confirm' })} ${ui.chip('Met', { tone: 'met', mark: 'met' })}
            ${ui.chip('Plain')} ${ui.chip('Loud', { tone: 'loud', mark: 'differs' })} ${ui.tag('Tag')}
          </p>
          <p>
            ${ui.miniTrack({ phases: 6, at: 2, gates: [2, 3] })}
            ${ui.miniTrack({ phases: 6, at: 3, gates: [2, 3], halted: true })}
          </p>
          ${ui.rating(4)}
          ${ui.progress({ id: 'visitors', value: 32, max: 50, words: '32 of 50 visitors sent', isDone: true })}`,
      ),
    )}
    ${ui.section(
      { title: 'Notes' },
      html`${ui.insetText('A share only adds people.')} ${ui.warningText('This can’t be undone.')}
      ${ui.stepList([{ title: 'Be the visitor', text: 'Open the example service', href: '/tour/1' }, { title: 'Halt' }])}
      ${ui.bullets('One', 'Two')}
      ${ui.codeBlock('npm start -- --current https://old.example.org --new https://new.example.org', { label: 'Command' })}
      ${ui.copyable({ id: 'invitation-link', label: 'Link of the invitation', value: 'https://parking.example.org/.phasegate/invitation/abc', what: 'the link' })}
      ${ui.pagination({ previous: { href: '?page=1' }, next: { href: '?page=3' }, items: [{ number: 1, href: '?page=1' }, { number: 2, href: '?page=2', current: true }, { ellipsis: true }, { number: 9, href: '?page=9' }] })}
      ${ui.summaryList({
        rows: [
          {
            key: 'Address',
            value: 'https://new.example.org',
            actions: { items: [{ text: 'Change', href: '/change', visuallyHiddenText: 'address' }] },
          },
          { key: 'Door', value: 'Gateway' },
        ],
      })}
      ${ui.breadcrumbs({ items: [{ text: 'Measures', href: '/measures' }, { text: 'Satisfaction' }] })}
      ${ui.backLink({ href: '/', text: 'Back' })}`,
    )}`,
  )

const marks: ui.Mark[] = [
  'met',
  'not-met',
  'waived',
  'evidenced',
  'confirm',
  'not-started',
  'no-data',
  'too-few',
  'halted',
  'passes',
  'fails',
  'close',
  'differs',
  'ceiling',
  'example',
  'wait',
  'warning',
  'seen',
]

export const galleryPages: Record<string, () => Html> = {
  overview: overviewPage,
  parts: partsPage,
  gate: gatePage,
  form: formPage,
  invitation: invitationPage,
  satisfaction: satisfactionPage,
}
