import {
  actions,
  box,
  button,
  bullets,
  chip,
  dataTable,
  details,
  emptyState,
  facts,
  form,
  hidden,
  html,
  insetText,
  link,
  liveRegion,
  meta,
  moment,
  notificationBanner,
  section,
  split,
  textarea,
  type Html,
  type Tone,
} from '../../platform/html/index.ts'
import { dayWords, momentWords, type Problem } from '../../platform/index.ts'
import type { Service } from '../../services/index.ts'
import { kindWords } from '../../features/index.ts'
import { homeOf, type Subject } from '../subject.ts'
import { isBeyond, plannedStarts, type DayOfPlan, type Deviation } from '../deviation.ts'
import type { Plan, Step, Turn } from '../plan.ts'
import { leastUntil, missingIn, openingOf, standingOf, startedSteps, type Standing } from '../rules.ts'
import { progressWords, sayDeviation, sayOpening, sayStanding, sayStep } from '../words.ts'
import { planCharts } from './plan-charts.ts'

export interface PlanPage {
  subject: Subject
  plan: Plan | null
  days: DayOfPlan[]
  now: Date
  deviation: Deviation | null
  mayPlan: boolean
  mayAnswer: boolean
  problems: Problem[]
  values: Record<string, string>
}

export function planLede({ plan }: Pick<PlanPage, 'plan'>): string {
  if (plan === null) return 'Open in steps that keep a mistake small and answer a question each.'
  return `${sayStanding(standingOf(plan), plan)} ${progressWords[plan.progress]}.`
}

export function planContent(page: PlanPage): Html {
  const { plan, subject, mayPlan } = page
  if (plan === null)
    return section(
      { title: 'The plan', id: 'plan', hideTitle: true },
      emptyState({
        title: 'There is no plan yet',
        text: `A plan says who comes in when, how many, for how long at least, what would make you stop, and what you want to learn. Nobody gets in by planning: a step does that when it starts.${mayPlan ? '' : ` It is written by ${plannersOf(subject)}.`}`,
        action: mayPlan && link('Write the plan', `${homeOf(subject)}/edit`),
      }),
    )
  const standing = standingOf(plan)
  return html`${deviationNotice(page, plan)} ${plan.told.stuck !== null && stuckNotice(plan.told.stuck)}
  ${split('7-5', html`${nowSection(page, plan, standing)}`, nextSection(page, plan, standing))}
  ${chartSection(page)} ${stepsSection(page, plan)}`
}

function plannersOf({ feature }: Subject): string {
  return feature === null ? 'the service manager or product manager' : kindWords[feature.kind].switchedBy
}

function deviationNotice({ deviation }: PlanPage, plan: Plan): Html | false {
  if (deviation === null || !isBeyond(deviation, plan.deviation) || standingOf(plan).kind === 'done') return false
  return notificationBanner({
    title: 'Differs from the plan',
    content: html`<p class="govuk-body">${sayDeviation(deviation)}. ${standingOf(plan).kind === 'paused' ? 'The plan is paused: resume it, or change it.' : 'Change the plan, or what is open.'}</p>`,
  })
}

function stuckNotice(why: string): Html {
  return notificationBanner({
    title: 'The clock waits',
    content: html`<p class="govuk-body">${why}</p>`,
  })
}

function nowSection(page: PlanPage, plan: Plan, standing: Standing): Html {
  const { service } = page.subject
  if (standing.kind === 'not-started')
    return section(
      { title: 'Now', id: 'now' },
      box(html`<p class="govuk-body">No step has started. Nothing about who gets in has changed.</p>`),
    )
  if (standing.kind === 'between' || standing.kind === 'done') {
    const { last } = standing
    return section(
      { title: `Step ${last.position} is closed`, id: 'now' },
      box(
        html`${answerOf(last)}${meta('What it opened stays open until the next step starts.')}${backForm(page, plan)}`,
      ),
    )
  }
  const { turn } = standing
  const least = leastUntil(turn)
  return section(
    {
      title: `Step ${turn.position}: ${sayStep(turn.step)}`,
      id: 'now',
      aside: standing.kind === 'paused' ? chip('Paused', { tone: 'watch' }) : chip('Runs', { tone: 'data' }),
    },
    box(html`${liveRegion(
      'step-now',
      facts([
        { name: 'Since', value: html`${when(turn.startedAt, service)}, ${turn.startedBy}` },
        { name: 'At least until', value: standing.kind === 'paused' ? 'Stands still' : when(least, service) },
      ]),
    )}
    ${meta(`It opened: ${sayOpening(turn.step, page.subject.feature !== null)}.${keepsPlaces(page, plan, turn) ? ' Places that were taken or held when the plan went back stay.' : ''}`)}
    <h3 class="govuk-heading-s">Stops when</h3>
    ${bullets(...turn.step.guardrails)}
    ${questionForm(page, plan, turn)}
    ${page.mayPlan && actions(pauseForm(page, plan, standing), backForm(page, plan))}`),
  )
}

/** ROL-4: then there may be more places than the step opens. */
function keepsPlaces({ subject }: PlanPage, { turns }: Plan, { step }: Turn): boolean {
  return subject.feature === null && openingOf(step).cap !== null && turns.at(-2)?.end?.kind === 'back'
}

/** The answer is written while the step runs; closing comes after the least time. */
function questionForm({ subject, now, problems, values, mayAnswer, mayPlan }: PlanPage, plan: Plan, turn: Turn): Html {
  const at = homeOf(subject)
  const isPaused = plan.pausedAt !== null
  const canClose = mayPlan && !isPaused && now >= leastUntil(turn)
  if (!mayAnswer) return html`<h3 class="govuk-heading-s">${turn.step.question}</h3>${answerOf(turn)}`
  return form(
    { action: `${at}/answer` },
    html`${hidden('version', plan.version)} ${storedAnswer(turn, values)}
    ${textarea({
      name: 'answer',
      label: turn.step.question,
      hint: canClose
        ? 'The step closes with this answer'
        : 'You can write it down now and add to it; the step closes with it',
      rows: 4,
      value: values['answer'] ?? turn.answer,
      problems,
    })}
    ${actions(
      canClose &&
        html`<button type="submit" class="govuk-button" formaction="${at}/close" data-module="govuk-button" data-prevent-double-click="true">Close the step</button>`,
      button({ text: 'Save the answer', kind: 'secondary' }),
    )}
    ${turn.answeredBy !== null && meta(`Last written by ${turn.answeredBy}`)}`,
  )
}

/** ROL-6: who wrote at the same time as somebody else sees both, before the one replaces the other. */
function storedAnswer({ answer, answeredBy }: Turn, values: Record<string, string>): Html | false {
  const typed = values['answer']
  return (
    typed !== undefined &&
    typed.trim() !== '' &&
    answer !== '' &&
    typed.trim() !== answer &&
    insetText({ text: html`<b>Stored now, by ${answeredBy}:</b> ${answer}` })
  )
}

function answerOf({ answer, answeredBy, end }: Turn): Html {
  const by = end?.by ?? answeredBy ?? ''
  return answer === ''
    ? html`<p class="govuk-body pg-quiet">No answer yet.</p>`
    : html`<blockquote class="pg-quote__text"><p>${answer}</p></blockquote>${by !== '' && meta(by)}`
}

function pauseForm({ subject }: PlanPage, plan: Plan, standing: Standing): Html {
  const [path, text] =
    standing.kind === 'paused'
      ? ['resume', 'Resume']
      : ['pause', subject.feature === null ? 'Pause: admit nobody new' : 'Pause the plan']
  return smallForm(subject, plan, path, text)
}

function backForm({ subject, mayPlan }: PlanPage, plan: Plan): Html | false {
  const last = plan.turns.at(-1)
  if (!mayPlan || last === undefined || last.position === 1) return false
  return smallForm(subject, plan, 'back', `Back to step ${last.position - 1}`)
}

function smallForm(subject: Subject, plan: Plan, path: string, text: string): Html {
  return form(
    { action: `${homeOf(subject)}/${path}` },
    html`${hidden('version', plan.version)}${button({ text, kind: 'secondary', preventDoubleClick: true })}`,
  )
}

/** What starting does is said before it is done. */
function nextSection({ subject, mayPlan }: PlanPage, plan: Plan, standing: Standing): Html {
  const position = startedSteps(plan) + 1
  const step = plan.steps[position - 1]
  const edit = mayPlan && link('Change the plan', `${homeOf(subject)}/edit`)
  if (step === undefined)
    return section(
      { title: 'Next', id: 'next', aside: edit },
      box(html`<p class="govuk-body">No step is planned after this one.</p>`),
    )
  const ofFeature = subject.feature !== null
  const missing = missingIn(step, ofFeature)
  const canStart = mayPlan && missing.length === 0 && (standing.kind === 'not-started' || standing.kind === 'between')
  return section(
    { title: `Next: step ${position}`, id: 'next', aside: edit },
    box(html`<p class="govuk-body"><b>${sayStep(step)}</b></p>
      ${step.question !== '' && html`<p class="govuk-body">${step.question}</p>`}
      ${
        missing.length > 0
          ? html`<p class="govuk-body">${chip('Cannot start yet', { tone: 'watch' })} It lacks: ${missing.join(', ')}.</p>`
          : meta(`Starting sets: ${sayOpening(step, ofFeature)}.`)
      }
      ${canStart && smallForm(subject, plan, 'start', `Start step ${position}`)}`),
  )
}

function chartSection(page: PlanPage): Html | false {
  const { days, subject } = page
  return days.length > 0 && section({ title: 'Planned and actual', id: 'planned' }, planCharts(days, subject.service))
}

const stateOf = (plan: Plan, position: number): { words: string; tone: Tone } => {
  const standing = standingOf(plan)
  const turn = plan.turns.findLast((each) => each.position === position)
  if (turn === undefined || position > startedSteps(plan)) return { words: 'To come', tone: 'quiet' }
  if (turn.end === null)
    return standing.kind === 'paused' ? { words: 'Paused', tone: 'watch' } : { words: 'Runs', tone: 'data' }
  return turn.end.kind === 'closed' ? { words: 'Closed', tone: 'met' } : { words: 'Went back', tone: 'watch' }
}

function stepsSection({ subject, mayPlan }: PlanPage, plan: Plan): Html {
  const { service } = subject
  const starts = plannedStarts(plan, service.timeZone)
  return section(
    { title: 'All steps', id: 'steps', aside: mayPlan && link('Change the plan', `${homeOf(subject)}/edit`) },
    html`${box(
      dataTable({
        caption: 'The steps of the plan',
        hideCaption: true,
        head: [
          { text: 'Step' },
          { text: 'Who', wide: true },
          { text: 'Planned' },
          { text: 'Started' },
          { text: 'At least' },
          { text: 'State' },
        ],
        rows: plan.steps.map((step, index) => stepRow(service, plan, step, index + 1, starts[index] ?? null)),
      }),
      { flush: true },
    )}
    ${learned(plan)}`,
  )
}

function stepRow(
  service: Service,
  plan: Plan,
  step: Step,
  position: number,
  planned: string | null,
): (Html | string)[] {
  const turns = plan.turns.filter((turn) => turn.position === position)
  const last = turns.at(-1)
  const { words, tone } = stateOf(plan, position)
  const days = step.minimumDays
  return [
    `Step ${position}`,
    html`${sayStep(step)}${step.question !== '' && html`<span class="pg-sub">${step.question}</span>`}`,
    planned === null ? 'Not dated' : dayWords(planned),
    last === undefined
      ? 'Not yet'
      : html`${when(last.startedAt, service)}${turns.length > 1 && html`<span class="pg-sub">ran ${turns.length} times</span>`}`,
    days === null ? 'Open' : days === 1 ? '1 day' : `${days} days`,
    chip(words, { tone }),
  ]
}

/** What the closed steps taught, in full: it is why there were steps. */
function learned(plan: Plan): Html | false {
  const closed = plan.turns.filter(({ end }) => end?.kind === 'closed')
  return (
    closed.length > 0 &&
    details(
      {
        summary: closed.length === 1 ? 'What one closed step taught' : `What ${closed.length} closed steps taught`,
        open: true,
      },
      html`${closed.map(
        (turn) => html`<h3 class="govuk-heading-s">Step ${turn.position}: ${turn.step.question}</h3>${answerOf(turn)}`,
      )}`,
    )
  )
}

function when(at: Date, { timeZone }: Service): Html {
  return moment(at, momentWords(at, timeZone))
}
