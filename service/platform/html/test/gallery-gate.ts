import * as ui from '../index.ts'
import { html, type Html } from '../index.ts'
import { frame } from './gallery.ts'

const item = (id: string, title: string, more: Partial<ui.Criterion>): ui.Criterion => ({
  id,
  number: id.slice(1),
  title,
  href: `/gate/${id}`,
  says: { kind: 'passes', words: html`<b>23 of 23</b> needs have a finding` },
  verdict: 'met',
  by: 'B. Example, 6 Nov',
  age: '14 days',
  decides: 'User researcher',
  ...more,
})

const groups: ui.CriterionGroup[] = [
  {
    title: 'Users',
    count: '4 criteria, 2 met',
    items: [
      item('c1', 'Needs are goals, per group, with proof', {}),
      item('c2', 'Research covers every group', {
        differs: true,
        says: { kind: 'fails', words: html`<b>9 of 12</b> groups covered, rule 12` },
      }),
      item('c3', 'Findings changed the service', { verdict: 'evidenced', by: null }),
      item('c4', 'Every hand-over has an owner', {
        verdict: 'not-met',
        says: { kind: 'close', words: html`<b>5 of 6</b>` },
      }),
    ],
  },
  {
    title: 'Reliable',
    count: '4 criteria, 1 waived',
    items: [
      item('c5', 'Load tested at twice the forecast peak', {
        verdict: 'waived',
        by: 'E. Example, until 31 Jan 2027',
        age: null,
        says: { kind: 'no-data', words: 'No data. Test environment from January' },
      }),
      item('c6', 'Assisted routes are tested end to end', {
        verdict: 'confirm',
        isAged: true,
        age: '124 days, of 90',
        says: { kind: 'stale', words: html`<b>124 days</b> since the phone route was tested` },
      }),
      item('c7', 'A restore has been rehearsed', {
        verdict: 'not-started',
        by: null,
        says: { kind: 'none', words: 'Nothing measures this' },
      }),
      item('c8', 'People with access needs succeed', {
        verdict: 'evidenced',
        says: { kind: 'too-few', words: html`<b>Too few:</b> 11 of 30 needed` },
      }),
    ],
  },
]

export const gatePage = (): Html =>
  ui.teamPage(
    frame('Private beta to public beta', 'Gate', {
      eyebrow: 'Gate',
      lede: 'Nine of 44 criteria are met. The gate can’t open yet: four criteria and two sign-offs are missing, and one is waived.',
      aside: ui.statList([
        { name: 'Assessment', value: '9 Dec', note: 'in 19 days' },
        { name: 'Playbook', value: '2.1', note: 'Client beta' },
      ]),
    }),
    html`${ui.tally([
      { mark: 'met', count: 9, words: 'met' },
      { mark: 'evidenced', count: 2, words: 'waiting for a verdict' },
      { mark: 'confirm', count: 1, words: 'needs confirming' },
      { mark: 'not-met', count: 1, words: 'not met' },
      { mark: 'waived', count: 1, words: 'waived' },
    ])}
    ${ui.section({ title: 'Where data and people disagree', aside: '2 criteria. Read these first.' }, [
      ui.disagreement({
        id: 'differ-6',
        number: 6,
        title: 'Most people succeed first time, unaided',
        data: {
          figure: '84.2',
          unit: '%',
          sub: 'complete, target 80',
          plot: ui.intervalBar({
            value: 84.2,
            low: 82.1,
            high: 86.2,
            target: 80,
            domain: [60, 100],
            label: '84.2 percent',
          }),
          text: 'The whole interval, 82.1 to 86.2, lies above the target.',
          meta: 'From 1,204 starts. Completion rate, version 2. Up to today',
        },
        verdict: 'not-met',
        reason:
          'On phones it is 71%, and four of six people in round 6 needed help at proof of address. The average hides them.',
        by: 'A. Example, service manager, 16 November',
        actions: [
          ui.link('See completion by device', '/measures'),
          ui.button({ text: 'Decide again', kind: 'secondary', href: '/gate/6' }),
        ],
      }),
      ui.disagreement({
        id: 'differ-2',
        number: 2,
        title: 'Research covers every group, people with access needs included',
        data: { figure: '9', sub: 'of 12 groups covered, rule 12', text: 'Nothing yet with carers.' },
        verdict: 'met',
        reason: 'The three gaps are booked for round 7.',
        by: 'B. Example, user researcher, 6 November',
      }),
    ])}
    ${ui.split(
      '3',
      ui.section(
        { title: 'The next three things' },
        ui.stepList([
          { title: 'Test the phone route end to end', text: 'D. Example, half a day', href: '/gate/8' },
          { title: 'Name an owner', text: 'A. Example' },
        ]),
      ),
      ui.section(
        { title: 'Sign-offs' },
        ui.signOffs([
          { name: 'E. Example', note: 'Risk owner, 12 Nov', isSigned: true },
          { name: 'F. Example', note: 'Lead assessor, on 9 Dec', isSigned: false },
        ]),
      ),
      ui.section(
        { title: 'Since yesterday' },
        ui.facts([
          { name: 'Criterion 3', value: '13 to 14 complete' },
          { name: 'Criterion 7', value: 'Ages out in 6 days' },
        ]),
      ),
    )}
    ${ui.section({ title: 'All 44 criteria' }, ui.criteria(groups))}
    ${ui.section(
      { title: 'Decide' },
      ui.box(
        ui.form({ action: '/gate/decide' }, [
          ui.radios({
            name: 'outcome',
            legend: { text: 'What happens to this phase?', classes: 'govuk-fieldset__legend--s' },
            hint: 'Frozen with today’s evidence, definitions and playbook version.',
            items: [
              {
                value: 'open',
                text: 'Open public beta',
                disabled: true,
                hint: 'Not possible yet: criteria 4, 6, 8 and 9, and two sign-offs',
              },
              {
                value: 'stay',
                text: 'Stay in private beta',
                hint: 'Repeat what is missing, with a date to look again',
              },
              {
                value: 'stop',
                text: 'Stop',
                hint: 'A good outcome when the need isn’t there. What was learned is kept',
              },
            ],
          }),
          ui.textarea({
            name: 'reason',
            label: 'Reason',
            hint: 'One or two sentences that someone can still follow in three years',
          }),
          ui.button({ text: 'Record decision', preventDoubleClick: true }),
        ]),
      ),
    )}`,
  )
