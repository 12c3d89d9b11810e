import { asSentence, betweenInWords, differenceInWords, shortDateWords, type Problem } from '../../platform/index.ts'
import {
  box,
  button,
  chip,
  dataTable,
  details,
  emptyState,
  factStrip,
  form,
  historyList,
  html,
  inlineForm,
  input,
  liveRegion,
  paragraph,
  radios,
  section,
  select,
  textarea,
  type Html,
  type Tone,
} from '../../platform/html/index.ts'
import { stageIds, stageOf } from '../../features/index.ts'
import {
  needAnswers,
  needWords,
  severities,
  type Defect,
  type NeedCheck,
  type Place,
  type Severity,
  type Unknown,
} from '../room.ts'
import type { Comparison, Difference } from '../comparison.ts'
import { countDefects, usageDays } from '../rules.ts'
import type { UsageView } from '../usage.ts'
import { dayOf, roomHome } from './room-page.ts'

export interface LearningPage {
  place: Place
  unknowns: Unknown[]
  needChecks: NeedCheck[]
  defects: Defect[]
  usage: UsageView
  comparisons: Comparison[]
  mayWrite: boolean
  problems: Problem[]
  values: Record<string, string>
}

export function learningContent(page: LearningPage): Html {
  return html`${liveRegion('learned', strip(page))} ${unknownsSection(page)} ${needSection(page)} ${defectsSection(page)}
  ${comparisonSection(page)} ${usageSection(page)}`
}

function strip({ unknowns, needChecks, defects, usage }: LearningPage): Html {
  const open = unknowns.filter(({ answer }) => answer === null).length
  const table = countDefects(defects)
  const [need] = needChecks
  return factStrip([
    { name: 'Unknowns still open', value: unknowns.length === 0 ? 'None named' : `${open} of ${unknowns.length}` },
    { name: 'Was the need misread?', value: need === undefined ? 'Not answered' : needShort[need.answer] },
    { name: 'Defects open', value: table.total === 0 ? 'None reported' : `${table.open} of ${table.total}` },
    {
      name: 'Use',
      value:
        usage.people.length === 0
          ? 'No data'
          : `${usage.people.filter(({ uses }) => uses > 0).length} of ${usage.people.length}`,
      note: usage.people.length === 0 ? 'nobody agreed to be counted yet' : 'of those who agreed have used it',
    },
  ])
}

const needShort = { hit: 'No', partly: 'In part', missed: 'Yes' } as const

function unknownsSection({ place, unknowns, mayWrite, problems, values }: LearningPage): Html {
  const home = `${roomHome(place)}/learning/unknowns`
  const { timeZone } = place.service
  const list = unknowns.map(
    ({
      id,
      question,
      askedBy,
      askedAt,
      answer,
      answeredBy,
      answeredAt,
    }) => html`<li class="pg-thread__item" id="u-${id}">
      <div class="pg-msg">
        <p class="pg-meta">${answer === null ? chip('Open', { tone: 'watch' }) : chip('Answered', { tone: 'met' })} ${askedBy}, ${dayOf(askedAt, timeZone)}</p>
        <p class="pg-msg__text"><b>${question}</b></p>
        ${answer !== null && html`<p class="pg-msg__text">${answer}</p><p class="pg-meta">${answeredBy}, ${dayOf(answeredAt, timeZone)}</p>`}
      </div>
      ${
        mayWrite &&
        details(
          {
            summary: html`${answer === null ? 'Answer it' : 'Answer it anew'}<span class="govuk-visually-hidden">: ${question}</span>`,
          },
          form(
            { action: `${home}/${id}` },
            html`${textarea({ name: 'answer', id: `answer-${id}`, label: 'What you found out', rows: 3, problems: [], values: {} })} ${button({ text: 'Save the answer', kind: 'secondary' })}`,
          ),
        )
      }
    </li>`,
  )
  return section(
    {
      title: 'What we want to find out',
      id: 'unknowns',
      lede: 'How people mean to use it, what may stand in the way. Each is answered before the stage ends, or still open for all to see.',
    },
    html`${
      unknowns.length === 0
        ? emptyState({
            title: 'No unknown is named yet',
            text: 'Name what only people who use it can tell you.',
            level: 3,
          })
        : html`<ol class="pg-thread">${list}</ol>`
    }
    ${
      mayWrite &&
      box(
        form(
          { action: home },
          html`${input({ name: 'question', label: 'What do you want to find out?', hint: 'Such as “Do teams of more than ten share one inbox?”', problems, values })}
          ${button({ text: 'Add it', kind: 'secondary' })}`,
        ),
      )
    }`,
  )
}

function needSection({ place, needChecks, mayWrite, problems, values }: LearningPage): Html {
  const { timeZone } = place.service
  return section(
    {
      title: 'Did we misread the need?',
      id: 'need',
      lede: 'Answered before the beta ends, while the direction can still change. The last answer holds.',
    },
    box(html`${
      needChecks.length === 0
        ? paragraph('Nobody has answered yet.')
        : historyList(
            needChecks.map(({ at, by, answer, because }) => ({
              at,
              when: shortDateWords(at, timeZone),
              who: by,
              what: needWords[answer],
              why: because,
            })),
          )
    }
    ${
      mayWrite &&
      form(
        { action: `${roomHome(place)}/learning/need` },
        html`${radios({
          name: 'answer',
          legend: { text: 'Did we misread it?', classes: 'govuk-fieldset__legend--s' },
          items: needAnswers.map((value) => ({ value, text: needWords[value] })),
          problems,
          values,
        })}
        ${textarea({ name: 'because', label: 'What that rests on', rows: 3, problems, values })}
        ${button({ text: 'Answer', kind: 'secondary' })}`,
      )
    }`),
  )
}

const severityTones: Record<Severity, Tone> = { critical: 'stop', major: 'watch', minor: 'quiet' }

function defectsSection(page: LearningPage): Html {
  const { place, defects, mayWrite } = page
  const table = countDefects(defects)
  const home = `${roomHome(place)}/learning/defects`
  const { timeZone } = place.service
  return section(
    {
      title: 'Defects',
      id: 'defects',
      lede: 'By the stage that found them and the stage that brought them in. Earlier stages are meant to miss few.',
    },
    box(html`${
      table.total === 0
        ? paragraph('None was reported yet.')
        : html`${dataTable({
            caption: 'Defects by stage',
            head: [
              { text: 'Stage', wide: true },
              { text: 'Found here', numeric: true },
              { text: 'Came in here', numeric: true },
              { text: 'Found here, open', numeric: true },
            ],
            rows: table.stages.map(({ id, found, introduced, open }) => [stageOf(id).name, found, introduced, open]),
            foot: ['All', table.total, table.total, table.open],
          })}
          ${paragraph(table.missed === 1 ? 'Stages before missed 1 of them.' : `Stages before missed ${table.missed} of them.`)}
          ${dataTable({
            caption: 'Each defect, open ones first',
            head: [
              { text: 'Defect', wide: true },
              { text: 'Severity' },
              { text: 'Found in' },
              { text: 'Came in with' },
              { text: 'State' },
            ],
            rows: defects.map(({ id, title, severity, foundIn, introducedIn, link: tracked, closedAt, closedBy }) => [
              html`${title}${tracked !== null && html`<span class="pg-sub">${tracked}</span>`}`,
              chip(asSentence(severity), { tone: severityTones[severity] }),
              stageOf(foundIn).name,
              stageOf(introducedIn).name,
              closedAt === null
                ? html`Open ${mayWrite && inlineForm({ action: `${home}/${id}/close` }, button({ text: html`Close<span class="govuk-visually-hidden"> ${title}</span>`, kind: 'secondary', classes: 'pg-button--small' }))}`
                : `Closed by ${closedBy ?? ''}, ${dayOf(closedAt, timeZone)}`,
            ]),
          })}`
    }
    ${mayWrite && details({ summary: 'Report a defect', open: page.problems.some(({ field }) => defectFields.has(field)) }, defectForm(page, home))}`),
  )
}

const defectFields = new Set(['title', 'severity', 'foundIn', 'introducedIn', 'link'])

function defectForm({ place, problems, values }: LearningPage, home: string): Html {
  const now = place.feature.course?.stage ?? 'beta-release'
  const stages = stageIds.map((value) => ({ value, text: stageOf(value).name }))
  return form(
    { action: home },
    html`${input({ name: 'title', label: 'What goes wrong', problems, values })}
    ${select({ name: 'severity', label: 'How bad is it?', items: severities.map((value) => ({ value, text: asSentence(value) })), problems, values: { severity: 'major', ...values } })}
    ${select({ name: 'foundIn', label: 'Which stage found it?', items: stages, problems, values: { foundIn: now, ...values } })}
    ${select({ name: 'introducedIn', label: 'Which stage brought it in?', items: stages, problems, values: { introducedIn: 'development', ...values } })}
    ${input({ name: 'link', label: 'Where it is tracked, if anywhere', problems, values })}
    ${button({ text: 'Report it', kind: 'secondary' })}`,
  )
}

/** ROOM-14. */
function comparisonSection({ comparisons }: LearningPage): Html {
  const isMeasured = comparisons.some((each) => each.with.people + each.without.people > 0)
  return section(
    {
      title: 'With it and without it',
      id: 'comparison',
      lede: `The last ${usageDays} days, of people whose events say whether they had it. They were invited: this compares two groups, and proves no cause.`,
    },
    box(
      isMeasured
        ? dataTable({
            caption: 'People with it beside people without it',
            hideCaption: true,
            head: [
              { text: 'Figure', wide: true },
              { text: 'With it', numeric: true },
              { text: 'Without it', numeric: true },
              { text: 'Difference', numeric: true },
            ],
            rows: comparisons.map(({ name, unit, with: one, without, difference }) => [
              name,
              groupWords(one, unit),
              groupWords(without, unit),
              differenceWords(difference, unit),
            ]),
          })
        : paragraph(
            'No data yet. Let the application send its events with the flag, on and off, as “flags”; a person’s pages, errors and answers of that day then count.',
          ),
    ),
  )
}

const oneDigit = (value: number): string => value.toLocaleString('en-GB', { maximumFractionDigits: 1 })

function groupWords({ people, value }: Comparison['with'], unit: Comparison['unit']): Html | string {
  if (people === 0) return 'No data'
  if (value === null) return 'Fewer than 5 people'
  const figure = `${oneDigit(value)}${unit === 'percent' ? '%' : ''}`
  return html`${figure}<span class="pg-sub">${people.toLocaleString('en-GB')} people</span>`
}

function differenceWords(difference: Difference, unit: Comparison['unit']): Html | string {
  if (difference.kind === 'no-data') return 'No data'
  if (difference.kind === 'too-few') return `Too few: ${difference.n} of ${difference.needed} needed in each group`
  const { value, low, high } = difference
  // Differences of percentages are told in points (STA-4).
  const told = unit === 'percent' ? 'points' : 'per-thousand'
  const range = low === null || high === null ? 'no interval: nothing varies' : betweenInWords({ low, high }, told)
  return html`${differenceInWords(value, told) ?? 'No difference'}<span class="pg-sub">${range}</span>`
}

function usageSection({ place, usage }: LearningPage): Html {
  const { people, cohorts } = usage
  const { timeZone } = place.service
  return section(
    {
      title: 'How it is used',
      id: 'usage',
      lede: `The last ${usageDays} days, of those only who agreed to it in the room, since they did.`,
    },
    box(
      people.length === 0
        ? html`${paragraph('No data: nobody has agreed yet. Testers decide it in the room, under “what the team may see”.')}`
        : html`${dataTable({
            caption: 'By cohort',
            head: [
              { text: 'Cohort', wide: true },
              { text: 'Agreed', numeric: true },
              { text: 'Used it', numeric: true },
              { text: 'Uses', numeric: true },
            ],
            rows: cohorts.map(({ cohort, people: agreed, active, uses }) => [
              cohort ?? 'In no cohort',
              agreed,
              active,
              uses,
            ]),
          })}
          ${dataTable({
            caption: 'By tester',
            head: [
              { text: 'Tester', wide: true },
              { text: 'Cohort' },
              { text: 'Days', numeric: true },
              { text: 'Uses', numeric: true },
              { text: 'Last' },
            ],
            rows: people.map(({ name, cohort, days, uses, lastAt }) => [
              name,
              cohort ?? 'None',
              days,
              uses,
              lastAt === null ? 'Not yet' : dayOf(lastAt, timeZone),
            ]),
          })}
          ${paragraph('A use is an event that carries the flag with a variant that is not off, or names the flag as its property “feature”.')}`,
    ),
  )
}
