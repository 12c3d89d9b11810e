import {
  box,
  button,
  checkboxes,
  chip,
  dataTable,
  details,
  fileUpload,
  form,
  html,
  input,
  meta,
  radios,
  section,
  textarea,
  type Html,
  type Tone,
} from '../../platform/html/index.ts'
import { codesOf } from '../codes/pages/codes-page.ts'
import { methodWords } from '../batches/pages/batch-page.ts'
import type { InvitationResult } from '../invitations/inviting.ts'
import type { DoorView } from '../team-view.ts'
import { drawMethods } from '../waitlist/draw.ts'
import { optionsOf } from '../waitlist/rules.ts'
import { homeOf, number, people, type DoorPage } from './door-parts.ts'

export function inviteSection(page: DoorPage): Html {
  const { view, values } = page
  const { free, cap } = view.places
  const places =
    free === null
      ? 'There is no cap.'
      : `${free === 1 ? '1 place is' : `${number(free)} places are`} free of ${number(cap ?? 0)}.`
  const over = (prefix: string): Html =>
    checkboxes({
      name: 'overInvite',
      idPrefix: prefix,
      items: [
        {
          value: 'yes',
          text: 'Invite more people than there are places',
          hint: 'The mail then says that places are limited',
        },
      ],
      values,
    })
  const isWaiting = view.waiting > 0
  return section(
    { title: 'Invite people', id: 'invite', aside: places },
    box(
      html`${isWaiting && drawPart(page, over)} ${listPart(page, isWaiting)} ${addressPart(page, over, isWaiting)} ${codesPart(page)}`,
    ),
  )
}

/** For people who are not reached by mail. */
function codesPart({ service }: DoorPage): Html {
  return meta(
    html`No mail? <a class="govuk-link" href="${codesOf(service)}">Make a code</a> to read out, to print in a letter, or to share.`,
  )
}

/** The first thing on the page, in numbers: so many more, from those who wait. */
function drawPart({ service, view, problems, values }: DoorPage, over: (prefix: string) => Html): Html {
  const { free } = view.places
  // A preview link has a name too.
  const own = 'count' in values ? values : null
  const usual = Math.max(1, Math.min(view.waiting, free ?? 50, 50))
  const kinds = view.questions.flatMap((question) =>
    optionsOf(question).map((option) => ({ question, value: `${question.name}: ${option}`, text: option })),
  )
  return form(
    { action: `${homeOf(service)}/batches` },
    html`${input({
      name: 'count',
      label:
        view.waiting === 1 ? 'One person is waiting for a place' : `How many of the ${people(view.waiting)} who wait?`,
      hint: 'A number such as 50, or a part such as 10%. You see who they are before anything is sent',
      classes: 'govuk-input--width-5',
      value: values.count ?? String(usual),
      problems,
    })}
      ${details(
        {
          summary: 'Who comes first, and whom to leave out',
          id: 'draw-options',
          open: values.method !== undefined && problems.length > 0,
        },
        html`${radios({
          name: 'method',
          legend: { text: 'Who comes first', classes: 'govuk-fieldset__legend--s' },
          items: drawMethods.toReversed().map((method) => ({ value: method, text: methodWords[method] })),
          value: values.method ?? 'first-come',
          classes: 'govuk-radios--small',
          problems,
        })}
          ${[...Map.groupBy(kinds, ({ question }) => question.id).values()].map((items, at) =>
            checkboxes({
              name: 'filter',
              idPrefix: `filter-${at}`,
              legend: { text: `${items[0]?.question.name ?? ''}: only`, classes: 'govuk-fieldset__legend--s' },
              hint: 'None ticked is everybody',
              items,
              classes: 'govuk-checkboxes--small',
              chosen: (values.filter ?? '').split('\n'),
            }),
          )}
          ${input({ name: 'name', id: 'draw-name', label: 'Name of the batch', value: own?.name ?? `Waiting list, ${number(view.batches.length + 1)}`, problems: own === null ? [] : problems, classes: 'govuk-input--width-20' })}
          ${view.places.free !== null && over('overInvite-waiting')}`,
      )}
      ${button({ text: 'Show who they would be', preventDoubleClick: true })}`,
  )
}

function listPart({ service, problems }: DoorPage, isWaiting: boolean): Html {
  return details(
    {
      summary: `${isWaiting ? 'Or from' : 'From'} a list (CSV)`,
      id: 'list',
      open: problems.some(({ field }) => field === 'file'),
    },
    form(
      { action: `${homeOf(service)}/batches/list`, multipart: true },
      html`${input({ name: 'name', id: 'list-name', label: 'Name of the batch', hint: 'Empty for the name of the file', classes: 'govuk-input--width-20' })}
        ${fileUpload({ name: 'file', label: 'File', hint: 'With a column “email” and one person a line. Other columns, such as “Region”, are kept for the mix. You see the result of every line before anything is sent', problems })}
        ${button({ text: 'Read the list', kind: 'secondary', preventDoubleClick: true })}`,
    ),
  )
}

function addressPart(
  { service, view, problems, values }: DoorPage,
  over: (prefix: string) => Html,
  isWaiting: boolean,
): Html {
  const isTyped = 'addresses' in values
  const fields = html`${textarea({
    name: 'addresses',
    label: 'Email addresses',
    hint: `One a line. Each gets a link that is good once, for ${view.invitationDays} days, at once`,
    rows: 4,
    spellcheck: false,
    problems,
    values,
  })}
    ${input({ name: 'cohort', label: 'Group, if you want to tell them apart', hint: 'Such as “Drivers in the north”', problems, values })}
    ${view.places.free !== null && over('overInvite')}
    ${button({ text: inviteWords(view), kind: isWaiting ? 'secondary' : 'primary', preventDoubleClick: true })}`
  const whole = form({ action: `${homeOf(service)}/invitations` }, fields)
  return isWaiting ? details({ summary: 'Or by email address', id: 'addresses-part', open: isTyped }, whole) : whole
}

/** “Invite 50 more”: the number first, where there is one. */
function inviteWords(view: DoorView): string {
  const { free } = view.places
  if (free === null || free === 0) return 'Invite people'
  return view.funnel.invited === 0 ? `Invite up to ${number(free)} people` : `Invite up to ${number(free)} more`
}

const outcomeWords: Record<InvitationResult['outcome'], { words: string; tone: Tone }> = {
  invited: { words: 'Invited', tone: 'data' },
  'already-in': { words: 'In already', tone: 'quiet' },
  'already-invited': { words: 'Holds an invitation', tone: 'quiet' },
  'not-wanted': { words: 'Does not want to be invited', tone: 'watch' },
  outside: { words: 'Outside those whom the service invites now', tone: 'watch' },
  'not-an-address': { words: 'Not an email address', tone: 'stop' },
  repeated: { words: 'Stands in the list twice', tone: 'quiet' },
}

export function resultSection(results: readonly InvitationResult[], hasMailPage: boolean): Html {
  const sent = results.filter(({ outcome }) => outcome === 'invited').length
  const mails = hasMailPage && sent > 0 && html` <a class="govuk-link" href="/mails">Read the mails</a>`
  return section(
    { title: sent === 0 ? 'Nobody was invited' : `${people(sent)} invited`, id: 'results', aside: mails },
    box(
      dataTable({
        caption: 'What became of each line',
        hideCaption: true,
        head: [{ text: 'Line', wide: true }, { text: 'Result' }],
        rows: results.slice(0, 500).map(({ line, outcome }) => {
          const { words, tone } = outcomeWords[outcome]
          return [line, chip(words, { tone })]
        }),
      }),
      { flush: true },
    ),
  )
}
