import {
  actions,
  box,
  button,
  checkboxes,
  chip,
  dataTable,
  form,
  hidden,
  html,
  input,
  link,
  radios,
  section,
  select,
  split,
  textarea,
  type Html,
} from '../../platform/html/index.ts'
import type { Problem } from '../../platform/index.ts'
import type { Conflict } from '../conflict.ts'
import { audiences } from '../plan.ts'
import { homeOf, type Subject } from '../subject.ts'
import { audienceWords, progressWords } from '../words.ts'

export interface EditPage {
  subject: Subject
  /** Steps that have started: they stand, and are not in the form. */
  started: number
  /** How many steps the form shows. */
  count: number
  isFull: boolean
  values: Record<string, string>
  problems: Problem[]
  conflict: Conflict | null
}

export function editContent(page: EditPage): Html {
  const { subject, values, problems, count, started, isFull, conflict } = page
  const at = `${homeOf(subject)}/edit`
  const steps = Array.from({ length: count }, (_, index) => stepFields(page, index + 1))
  return html`${conflict !== null && conflictSection(conflict)}
  ${form(
    { action: at },
    html`${hidden('version', values['version'] ?? '')} ${steps}
      ${section(
        { title: 'How it goes on', id: 'goes-on' },
        box(html`${radios({
          name: 'progress',
          legend: 'How does the plan go from step to step?',
          items: [
            { value: 'hand', text: progressWords.hand },
            {
              value: 'clock',
              text: progressWords.clock,
              hint: 'It waits for the answer, for the planned day and for the phase, and says so',
            },
          ],
          problems,
          values,
        })}
        ${input({
          name: 'deviation',
          label: 'Tell us when what is open differs from the plan by more than',
          hint: 'Points of the share, or percent of the places',
          inputmode: 'numeric',
          classes: 'govuk-input--width-3',
          problems,
          values,
        })}`),
      )}
      ${actions(
        button({
          text: started === 0 && values['version'] === '' ? 'Save the plan' : 'Save the changes',
          preventDoubleClick: true,
        }),
        !isFull &&
          html`<button type="submit" class="govuk-button govuk-button--secondary" name="another" value="yes">Another step</button>`,
        link('Cancel', homeOf(subject)),
      )}`,
  )}`
}

/** Nothing was stored; both versions stand beside each other, and the form below holds what was sent. */
function conflictSection({ rows }: Conflict): Html {
  return section(
    {
      title: 'Both versions',
      id: 'conflict',
      lede: 'Nothing of yours was stored. Saving below replaces theirs.',
    },
    box(
      dataTable({
        caption: 'What is stored now, and what you sent',
        hideCaption: true,
        head: [{ text: 'What' }, { text: 'Stored now' }, { text: 'Yours' }],
        rows: rows.map(({ says, stored, yours, differs }) => [
          html`${says}${differs && html` ${chip('differs', { tone: 'watch' })}`}`,
          stored,
          yours,
        ]),
      }),
      { flush: true },
    ),
  )
}

function stepFields({ subject, started, values, problems }: EditPage, number: number): Html {
  const ofFeature = subject.feature !== null
  const position = started + number
  const name = (field: string): string => `step-${number}-${field}`
  const common = { problems, values }
  return section(
    { title: `Step ${position}`, id: `step-${number}` },
    box(
      html`${split(
        'half',
        html`${select({
          name: name('audience'),
          label: 'Audience',
          items: [
            { value: '', text: 'Not decided yet' },
            ...audiences.map((audience) => ({ value: audience, text: audienceWords[audience] })),
          ],
          ...common,
        })}
      ${input({ name: name('group'), label: ofFeature ? 'Cohort' : 'Group or accounts', hint: 'Of invited people, such as “Drivers in the north”', ...common })}
      ${input({ name: name('people'), label: ofFeature ? 'How many people you expect' : 'How many people, in all', inputmode: 'numeric', classes: 'govuk-input--width-5', ...common })}
      ${input({ name: name('percent'), label: 'Or how large a share', suffix: '%', inputmode: 'decimal', classes: 'govuk-input--width-5', ...common })}
      ${!ofFeature && checkboxes({ name: name('joinOpen'), items: [{ value: 'yes', text: 'People may also choose it themselves, by the link', hint: 'With a share only' }], ...common })}`,
        html`${input({ name: name('minimumDays'), label: 'At least how many days', inputmode: 'numeric', classes: 'govuk-input--width-3', ...common })}
      ${input({ name: name('startsOn'), label: 'Planned for', hint: 'Empty for right after the step before. Like 2027-03-31', classes: 'govuk-input--width-10', ...common })}
      ${textarea({ name: name('guardrails'), label: 'Guardrails', hint: 'What would make you stop: one a line, such as “Completion falls below 80%”', rows: 3, ...common })}
      ${textarea({ name: name('question'), label: 'Learning question', hint: 'What do you want to know after this step?', rows: 3, ...common })}`,
      )}`,
    ),
  )
}
