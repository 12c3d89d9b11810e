import {
  box,
  button,
  checkboxes,
  chip,
  dataTable,
  form,
  html,
  input,
  section,
  textarea,
  type Html,
  type Tone,
} from '../../platform/html/index.ts'
import type { InvitationResult } from '../invitations/inviting.ts'
import type { DoorView } from '../team-view.ts'
import { homeOf, number, people, type DoorPage } from './door-parts.ts'

export function inviteSection(page: DoorPage): Html {
  const { service, view, problems, values } = page
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
    box(html`${
      isWaiting &&
      form(
        { action: `${homeOf(service)}/invitations/waiting` },
        html`${input({
          name: 'count',
          label:
            view.waiting === 1
              ? 'One person is waiting for a place'
              : `How many of the ${people(view.waiting)} who wait?`,
          hint: 'Those who asked first are invited first',
          inputmode: 'numeric',
          classes: 'govuk-input--width-5',
          value: values.count ?? String(Math.max(1, Math.min(view.waiting, free ?? 50, 50))),
          problems,
        })}
        ${over('overInvite-waiting')} ${button({ text: `Invite from the waiting list` })}`,
      )
    }
    ${form(
      { action: `${homeOf(service)}/invitations` },
      html`${textarea({
        name: 'addresses',
        label: isWaiting ? 'Or by email address' : 'Email addresses',
        hint: `One a line. Each gets a link that is good once, for ${view.invitationDays} days`,
        rows: 4,
        spellcheck: false,
        problems,
        values,
      })}
        ${input({ name: 'cohort', label: 'Group, if you want to tell them apart', hint: 'Such as “Drivers in the north”', problems, values })}
        ${free !== null && over('overInvite')}
        ${button({ text: inviteWords(view), kind: isWaiting ? 'secondary' : 'primary', preventDoubleClick: true })}`,
    )}`),
  )
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
  'not-an-address': { words: 'Not an email address', tone: 'stop' },
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
