import {
  actions,
  box,
  button,
  checkboxes,
  chip,
  dataTable,
  details,
  emptyState,
  form,
  html,
  input,
  inlineForm,
  meta,
  meter,
  moment,
  radios,
  section,
  select,
  split,
  statList,
  textarea,
  type Html,
  type Tone,
} from '../../../platform/html/index.ts'
import { momentWords, shortDateWords, type Problem } from '../../../platform/index.ts'
import type { Service } from '../../../services/index.ts'
import { homeOf, number, people, smallButton } from '../../pages/door-parts.ts'
import { optionsOf } from '../rules.ts'
import {
  kindWords,
  questionKinds,
  type Question,
  type QuotaSeen,
  type Waiting,
  type WaitingState,
} from '../waitlist.ts'
import type { WaitlistView } from '../view.ts'

export interface WaitlistPage {
  service: Service
  view: WaitlistView
  people: { shown: Waiting[]; state: WaitingState | null; next: string | null } | null
  rights: { mayInvite: boolean }
  problems: Problem[]
  values: Record<string, string>
  /** Where the public asks for a place. */
  publicLink: string
}

export const stateNames: Record<WaitingState, { words: string; tone: Tone }> = {
  applied: { words: 'Waiting', tone: 'data' },
  invited: { words: 'Invited', tone: 'watch' },
  active: { words: 'In the beta', tone: 'quiet' },
  declined: { words: 'Said no', tone: 'quiet' },
}

export function waitlistLede({ counts }: WaitlistView): string {
  if (counts.applied + counts.invited + counts.active + counts.declined === 0)
    return 'Nobody has asked for a place yet.'
  return `${people(counts.applied)} ${counts.applied === 1 ? 'waits' : 'wait'} for a place.`
}

export function waitlistContent(page: WaitlistPage): Html {
  const { view, service, publicLink, rights } = page
  const { counts } = view
  return html`${split(
    '7-5',
    html`${mixSection(page)} ${questionsSection(page)}`,
    section(
      { title: 'The list', id: 'list' },
      box(html`${statList([
        { name: 'Waiting', value: number(counts.applied) },
        { name: 'Invited', value: number(counts.invited) },
        { name: 'In the beta', value: number(counts.active) },
        { name: 'Said no', value: number(counts.declined) },
      ])}
      ${view.countedAt !== null && meta(html`The list is long: it is counted now and then, last at ${moment(view.countedAt, momentWords(view.countedAt, service.timeZone))}.`)}
      <p class="govuk-body">People ask for a place at <a class="govuk-link" href="${publicLink}">${publicLink}</a>. ${service.currentUrl === null ? 'Tell it wherever people look for the service.' : 'Link to it from the current service.'}</p>
      ${rights.mayInvite && counts.applied > 0 && meta(html`<a class="govuk-link" href="${homeOf(service)}#invite">Invite from the list</a>`)}`),
    ),
  )}
  ${page.people !== null && peopleSection(page, page.people)}`
}

/** ADM-44: wanted against actual, the numbers first. */
function mixSection(page: WaitlistPage): Html {
  const { service, view, rights, problems, values } = page
  const kinds = view.questions.flatMap((question) => optionsOf(question).map((option) => `${question.name}: ${option}`))
  const table =
    view.quotas.length > 0 &&
    dataTable({
      caption: 'Who is wanted, and who is in',
      hideCaption: true,
      head: [
        { text: 'Who', wide: true },
        { text: 'In', numeric: true },
        { text: 'Wanted', numeric: true },
        { text: 'Invited', numeric: true },
        { text: 'Waiting', numeric: true },
        { text: 'Actions', hidden: true },
      ],
      rows: view.quotas.map((quota) => quotaRow(service, quota, rights.mayInvite)),
    })
  const add =
    rights.mayInvite &&
    (kinds.length === 0
      ? html`<p class="govuk-body">Ask a question with answers to choose from first: then you can say how many of each you want.</p>`
      : inlineForm(
          { action: `${listOf(service)}/quotas` },
          select({
            name: 'kind',
            label: 'Who',
            items: kinds.map((each) => ({ value: each, text: each })),
            problems,
            value: values['kind'] ?? '',
          }),
          input({
            name: 'wanted',
            label: 'How many',
            inputmode: 'numeric',
            classes: 'govuk-input--width-4',
            problems,
            values,
          }),
          button({ text: 'Set', kind: 'secondary' }),
        ))
  return section(
    {
      title: 'The mix of people',
      id: 'mix',
      lede: 'How many of each kind you want in the beta. A draw can invite those who are missing first.',
    },
    box(
      html`${table} ${view.quotas.length > 0 && view.countedAt !== null && meta(html`Counted at ${moment(view.countedAt, momentWords(view.countedAt, service.timeZone))}. A draw counts anew.`)} ${view.quotas.length === 0 && html`<p class="govuk-body">No numbers are set: a draw treats everybody alike.</p>`} ${add}`,
    ),
  )
}

function quotaRow(service: Service, quota: QuotaSeen, mayInvite: boolean) {
  const { id, attribute, value, wanted, actual, invited, waiting } = quota
  const name = `${attribute}: ${value}`
  const counted = (n: number | null) => (n === null ? '–' : number(n))
  return [
    actual === null
      ? html`${name}<span class="pg-sub">Counted within a minute or two</span>`
      : html`${name}${meter({ value: actual, held: invited, max: Math.max(wanted, actual + invited), label: `${name}: ${actual} of ${wanted} wanted are in, ${invited} invited` })}`,
    counted(actual),
    number(wanted),
    counted(invited),
    counted(waiting),
    mayInvite && actions(form({ action: `${listOf(service)}/quotas/${id}/remove` }, smallButton('Remove', name))),
  ]
}

export function listOf(service: Service): string {
  return `${homeOf(service)}/waiting-list`
}

function questionsSection(page: WaitlistPage): Html {
  const { view, rights } = page
  const list =
    view.questions.length > 0 &&
    html`${view.questions.map((question, at) =>
      details(
        {
          summary: html`${at + 1}. ${question.name}<span class="pg-sub"> ${describe(question)}</span>`,
          id: `asked-${question.id}`,
          open: page.values['editing'] === question.id,
        },
        rights.mayInvite ? editForm(page, question, at + 1) : html`<p class="govuk-body">${question.question}</p>`,
      ),
    )}`
  return section(
    {
      title: 'What people are asked',
      id: 'questions',
      lede: 'Ask only what you use to choose. Everybody can see the questions.',
    },
    box(html`${list}
    ${view.questions.length === 0 && html`<p class="govuk-body">Only their email address.</p>`}
    ${
      rights.mayInvite &&
      details(
        {
          summary: 'Add a question',
          id: 'add-question',
          open: page.problems.length > 0 && page.values['kind'] !== undefined && page.values['wanted'] === undefined,
        },
        addForm(page),
      )
    }`),
  )
}

function describe({ kind, required, special }: Question): string {
  return [kindWords[kind].toLowerCase(), required && 'must be answered', special && 'kept apart']
    .filter((each) => each !== false)
    .join(', ')
}

function addForm({ service, problems, values }: WaitlistPage): Html {
  const own = values['editing'] === undefined
  const typed = own ? { problems, values } : {}
  return form(
    { action: `${listOf(service)}/questions` },
    html`${input({ name: 'question', label: 'Question', hint: 'As people read it: “Where do you live?”', ...typed })}
      ${input({ name: 'name', label: 'Short name', hint: 'For you: “Region”. A column of a list with this name means the same', classes: 'govuk-input--width-20', ...typed })}
      ${input({ name: 'hint', label: 'Hint, if it needs one', ...typed })}
      ${radios({
        name: 'kind',
        // The quotas on this page ask for a kind too.
        idPrefix: 'answered-as',
        legend: 'How is it answered?',
        items: questionKinds.map((kind) => ({ value: kind, text: kindWords[kind] })),
        ...(own ? { problems, value: values['kind'] ?? 'choice' } : { value: 'choice' }),
      })}
      ${textarea({ name: 'options', label: 'Answers to choose from', hint: 'One a line. Not for a text, nor for yes or no', rows: 4, ...typed })}
      ${checkboxes({
        name: 'required',
        items: [{ value: 'yes', text: 'Must be answered' }],
        ...typed,
      })}
      ${checkboxes({
        name: 'special',
        items: [
          {
            value: 'yes',
            text: 'It is about health, disability, or another thing that the law protects',
            hint: 'Then the answers are kept apart, need a consent of their own, and you see numbers only',
          },
        ],
        ...typed,
      })}
      ${button({ text: 'Add the question' })}`,
  )
}

function editForm({ service, problems, values }: WaitlistPage, question: Question, position: number): Html {
  const isThis = values['editing'] === question.id
  const field = (name: string, stored: string) => ({
    name,
    id: `${name}-${question.id}`,
    value: isThis ? (values[name] ?? '') : stored,
    ...(isThis ? { problems } : {}),
  })
  const hasOptions = question.kind === 'choice' || question.kind === 'choices'
  return html`${form(
    { action: `${listOf(service)}/questions/${question.id}` },
    html`${input({ label: 'Question', ...field('question', question.question) })}
      ${input({ label: 'Short name', classes: 'govuk-input--width-20', ...field('name', question.name) })}
      ${input({ label: 'Hint', ...field('hint', question.hint) })}
      ${hasOptions && textarea({ label: 'Answers to choose from', rows: 4, ...field('options', question.options.join('\n')) })}
      ${input({ label: 'Place on the page', inputmode: 'numeric', classes: 'govuk-input--width-2', ...field('position', String(position)) })}
      ${
        !question.special &&
        checkboxes({
          name: 'required',
          idPrefix: `required-${question.id}`,
          items: [{ value: 'yes', text: 'Must be answered' }],
          chosen: question.required ? ['yes'] : [],
        })
      }
      ${button({ text: html`Save<span class="govuk-visually-hidden"> ${question.name}</span>`, kind: 'secondary' })}`,
  )}
  ${form(
    { action: `${listOf(service)}/questions/${question.id}/remove` },
    button({
      text: html`Remove the question and its answers<span class="govuk-visually-hidden">: ${question.name}</span>`,
      kind: 'warning',
      classes: 'pg-button--small',
    }),
  )}`
}

function peopleSection(page: WaitlistPage, { shown, state, next }: NonNullable<WaitlistPage['people']>): Html {
  const { service, view } = page
  const at = listOf(service)
  const states = html`<p class="govuk-body">${[null, ...waitingStateNames].map((each) => {
    const words = each === null ? 'All' : stateNames[each].words
    return html`${each !== null && ' · '}${each === state ? html`<strong>${words}</strong>` : html`<a class="govuk-link" href="${at}${each === null ? '' : `?state=${each}`}#people">${words}</a>`}`
  })}</p>`
  const questions = view.questions.filter(({ special }) => !special).slice(0, 4)
  const list =
    shown.length === 0
      ? emptyState({
          title: 'Nobody',
          text: state === null ? 'Whoever asks for a place stands here.' : 'Nobody on the list is in this state.',
          level: 3,
        })
      : dataTable({
          caption: 'People on the list, those who asked first on top',
          hideCaption: true,
          head: [
            { text: 'Person', wide: true },
            { text: 'State' },
            { text: 'Asked' },
            ...questions.map(({ name }) => ({ text: name })),
          ],
          rows: shown.map((person) => [
            person.address,
            chip(stateNames[person.state].words, { tone: stateNames[person.state].tone }),
            moment(person.at, shortDateWords(person.at, service.timeZone)),
            ...questions.map(({ name }) => (person.answers[name] ?? []).join(', ').slice(0, 120)),
          ]),
        })
  const more =
    next !== null &&
    meta(
      html`<a class="govuk-link" href="${at}?${state === null ? '' : `state=${state}&`}after=${next}#people">Next page</a>`,
    )
  return section(
    { title: 'People', id: 'people', aside: html`<a class="govuk-link" href="${at}.csv">Download as CSV</a>` },
    html`${states} ${box(list, { flush: shown.length > 0 })} ${more}`,
  )
}

const waitingStateNames = ['applied', 'invited', 'active', 'declined'] as const
