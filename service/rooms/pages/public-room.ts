import { edgePage, type PublicView } from '../../admission/index.ts'
import type { Problem } from '../../platform/index.ts'
import {
  button,
  characterCount,
  checkboxes,
  details,
  form,
  hidden,
  html,
  input,
  radios,
  type Html,
} from '../../platform/html/index.ts'
import { kindHints, kindNames, messageKinds, type Member, type Place, type Room, type Thread } from '../room.ts'
import { isOpen } from '../rules.ts'
import { threadList } from './thread.ts'

export interface PublicRoom {
  view: PublicView
  /** Where the forms go. */
  action: string
  /** The address holds a secret. */
  isSecret: boolean
  place: Place
  room: Room
  member: Member | null
  hasAddress: boolean
  /** Mails of the room can be answered by mail. */
  isAnsweredByMail: boolean
  threads: Thread[]
  /** Of the oldest thread shown, where there are older ones. */
  older: number | null
  sentId: string
  /** A chat of the team gets a copy of each message. */
  isMirrored: boolean
  wrote: boolean
  problems: Problem[]
  values: Record<string, string>
}

/** What testers see: first what it is, then a place to write, then what others wrote. */
export function publicRoomPage(page: PublicRoom): Html {
  const { view, place, room, problems, isSecret } = page
  const { feature } = place
  return edgePage(
    view,
    `Beta room: ${feature.name}`,
    html`<p class="pg-eyebrow">Beta of “${view.name}”</p>
      <h1 class="govuk-heading-xl">${feature.name}</h1>
      <p class="govuk-body-l pg-msg__text">${room.welcome}</p>
      ${page.wrote && html`<p class="govuk-body" role="status"><b>Thank you. Your message is in the room.</b></p>`}
      ${isOpen(room) ? writeForm(page) : html`<p class="govuk-body"><b>The room is closed.</b> What was written stays here to read.</p>`}
      <h2 class="govuk-heading-m">What was said</h2>
      ${conversation(page)} ${isOpen(room) && settings(page)}`,
    { problems, ...(isSecret ? { stripUrl: `${view.base}/room` } : {}) },
  )
}

function writeForm(page: PublicRoom): Html {
  const { action, sentId, isMirrored, problems, values } = page
  const mirror = isMirrored && ' The team also gets a copy in its own chat.'
  return html`<h2 class="govuk-heading-m">Tell us</h2>
    <p class="govuk-body">The others who try it and the team read what you write.${mirror} Leave out what is private.</p>
    ${repliesByMail(page) && html`<p class="govuk-body">${replyWords}</p>`}
    ${form(
      { action: `${action}/messages` },
      html`${hidden('sentId', sentId)}
        ${radios({
          name: 'kind',
          legend: { text: 'What is it?', classes: 'govuk-fieldset__legend--s' },
          items: messageKinds.map((kind) => ({ value: kind, text: kindNames[kind], hint: kindHints[kind] })),
          problems,
          values,
        })}
        ${characterCount({ name: 'text', label: 'Your message', rows: 4, maxlength: 4000, threshold: 75, problems, values })}
        ${button({ text: 'Send', preventDoubleClick: true })}`,
    )}`
}

const replyWords = 'You can also reply to a mail from this room: what you write above the quoted words stands here.'

/** Does this tester get mails of the room, and do replies to them come in? */
function repliesByMail({ isAnsweredByMail, hasAddress, member }: PublicRoom): boolean {
  return isAnsweredByMail && hasAddress && mailsOf(member) !== 'none'
}

const mailsOf = (member: Member | null): Member['mails'] => member?.mails ?? 'answers'

function conversation({ view, action, room, threads, older, sentId, member }: PublicRoom): Html {
  if (threads.length === 0)
    return html`<p class="govuk-body">Nobody has written yet. Yours can be the first message.</p>`
  const answerTo = isOpen(room) ? `${action}/messages` : null
  return html`${threadList(threads, { timeZone: view.timeZone, answerTo, sentId, memberId: member?.id ?? null })}
  ${older !== null && html`<p class="govuk-body"><a class="govuk-link" href="${action}?before=${older}">Older messages</a></p>`}`
}

/** Decided by the tester alone: name, mails, and whether use may be seen. */
function settings(page: PublicRoom): Html {
  const { action, member, hasAddress, isAnsweredByMail, place, problems, values } = page
  const stored: Record<string, string> = {
    name: member?.name ?? '',
    mails: mailsOf(member),
    ...((member?.usageSince ?? null) === null ? {} : { usage: 'yes' }),
  }
  const shown = problems.length > 0 && 'mails' in values ? values : stored
  const problem = problems.some(({ field }) => field === 'name' || field === 'mails')
  return details(
    { summary: 'Your name here, mails, and what the team may see', open: problem, id: 'settings' },
    form(
      { action: `${action}/settings` },
      html`${input({
        name: 'name',
        label: 'The name that others see',
        hint:
          member === null
            ? 'Left empty, you are “Tester” and a number'
            : `Left empty, you are “Tester ${member.number}”`,
        autocomplete: 'nickname',
        problems,
        values: shown,
      })}
      ${
        hasAddress
          ? radios({
              name: 'mails',
              legend: { text: 'Mails', classes: 'govuk-fieldset__legend--s' },
              ...(isAnsweredByMail && !repliesByMail(page) ? { hint: replyWords } : {}),
              items: [
                { value: 'all', text: 'Each message' },
                { value: 'answers', text: 'Answers where I wrote' },
                { value: 'none', text: 'None' },
              ],
              problems,
              values: shown,
            })
          : hidden('mails', 'none')
      }
      ${checkboxes({
        name: 'usage',
        items: [
          {
            value: 'yes',
            text: 'The team may see how often I use it',
            hint: `On which days and how often I used “${place.feature.name}”, under the name above. Untick it, and it is deleted at once.`,
          },
        ],
        problems,
        values: shown,
      })}
      ${button({ text: 'Save', kind: 'secondary' })}`,
    ),
  )
}

/** Looking changes nothing: a scanner of mails presses no button. */
export function stopPage(
  view: PublicView,
  { action, feature, done }: { action: string; feature: string; done: boolean },
): Html {
  const title = done ? 'No more mails from this room' : `Stop mails about “${feature}”?`
  return edgePage(
    view,
    title,
    done
      ? html`<h1 class="govuk-heading-xl">${title}</h1>
          <p class="govuk-body-l">You still take part. The room stays open to you by the link that you have.</p>
          <p class="govuk-body"><a class="govuk-link" href="${action}">Go to the room</a></p>`
      : html`<h1 class="govuk-heading-xl">${title}</h1>
          <p class="govuk-body-l">You still take part, and can turn them on again in the room.</p>
          ${form({ action: `${action}/stop` }, button({ text: 'Stop these mails' }))}`,
    { stripUrl: `${view.base}/room` },
  )
}
