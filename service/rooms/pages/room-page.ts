import { dateWords, type Member as TeamMember, type Problem } from '../../platform/index.ts'
import {
  actions,
  box,
  button,
  details,
  emptyState,
  factStrip,
  form,
  hidden,
  html,
  inlineForm,
  link,
  liveRegion,
  paragraph,
  section,
  select,
  split,
  textarea,
  type Content,
  type Html,
} from '../../platform/html/index.ts'
import type { Unread } from '../message-store.ts'
import type { Place, Room, RoomCounts, Tester, Thread } from '../room.ts'
import { isOpen } from '../rules.ts'
import { threadList } from './thread.ts'

export interface RoomPage {
  place: Place
  room: Room | null
  counts: RoomCounts
  /** By the one who looks. */
  unread: Unread
  wantsMails: boolean
  threads: Thread[]
  older: number | null
  onlyOpen: boolean
  members: Tester[]
  team: TeamMember[]
  mayWrite: boolean
  isMirrored: boolean
  mayManageWebhooks: boolean
  /** Mails of the room can be answered by mail. */
  isAnsweredByMail: boolean
  isPerson: boolean
  sentId: string
  mailed: number | null
  now: Date
  problems: Problem[]
  values: Record<string, string>
}

export const roomHome = ({ service, feature }: Place): string => `/services/${service.key}/features/${feature.key}`

export function roomContent(page: RoomPage): Html {
  const { room, mayWrite } = page
  if (room === null) return mayWrite ? opening(page) : notOpenYet()
  return html`${liveRegion('room-counts', strip(page))}
  ${split('7-5', conversation(page), aside(page, room))}`
}

function notOpenYet(): Html {
  return emptyState({
    title: 'The room of this beta is not open yet',
    text: 'Somebody of the team opens it with a few words for the testers.',
    level: 2,
  })
}

function opening(page: RoomPage): Html {
  return section(
    {
      title: 'Open the room',
      id: 'open',
      lede: 'One conversation for those who try the feature and those who build it. Testers come by their invitation or by a link in a mail; they need no account.',
    },
    box(roomForm(page, 'Open the room')),
  )
}

function roomForm({ place, room, team, problems, values }: RoomPage, words: string): Html {
  const people = new Map(team.map(({ accountId, name }) => [accountId, name]))
  const stored: Record<string, string> = { welcome: room?.welcome ?? '', builder: room?.builder?.id ?? '' }
  const shown = 'welcome' in values ? values : stored
  return form(
    { action: `${roomHome(place)}/room` },
    html`${textarea({ name: 'welcome', label: 'What testers should know first', hint: 'What to try, what is not ready, when you read here', rows: 4, problems, values: shown })}
    ${select({
      name: 'builder',
      label: 'Who answers',
      hint: 'Reminded once a day while a message waits for more than a day, until the beta stage ends',
      items: [
        { value: '', text: 'Nobody by name: developers and the service manager' },
        ...[...people].map(([value, text]) => ({ value, text })),
      ],
      problems,
      values: shown,
    })}
    ${button({ text: words, kind: room === null ? 'primary' : 'secondary' })}`,
  )
}

function strip({ place, counts, unread, now, room }: RoomPage): Html {
  const { unanswered, oldestUnanswered } = counts
  return factStrip([
    { name: 'Not read by you', value: unread.count },
    {
      name: 'Without an answer',
      value: unanswered,
      ...(oldestUnanswered === null ? {} : { note: `the oldest for ${waited(oldestUnanswered, now)}` }),
    },
    { name: 'Messages', value: counts.messages },
    { name: 'Testers in the room', value: counts.testers },
    { name: 'Who answers', value: room?.builder?.name ?? 'Nobody by name' },
    room !== null && !isOpen(room) && { name: 'Closed', value: dayOf(room.closedAt, place.service.timeZone) },
  ])
}

export function waited(since: Date, now: Date): string {
  const hours = Math.floor((now.getTime() - since.getTime()) / 3_600_000)
  if (hours < 1) return 'less than an hour'
  if (hours < 48) return hours === 1 ? '1 hour' : `${hours} hours`
  return `${Math.floor(hours / 24)} days`
}

export function dayOf(at: Date | null, timeZone: string): string {
  return at === null ? '' : dateWords(at, timeZone)
}

/** Whoever comes to a conversation comes to read it: the form is open while there is none. */
function write({ place, threads, onlyOpen, sentId, problems, values }: RoomPage): Html {
  const message = form(
    { action: `${roomHome(place)}/room/messages` },
    html`${hidden('sentId', sentId)}
    ${textarea({ name: 'text', label: 'Your message', hint: 'Everybody in the room reads it', rows: 3, problems, values })}
    ${button({ text: 'Send', preventDoubleClick: true })}`,
  )
  const isOpen = (threads.length === 0 && !onlyOpen) || problems.some(({ field }) => field === 'text')
  return box(details({ summary: 'Write to the testers', id: 'write', open: isOpen }, message))
}

function conversation(page: RoomPage): Html {
  const { place, room, threads, older, onlyOpen, counts, unread, sentId, mayWrite } = page
  const home = `${roomHome(place)}/room`
  const filter = onlyOpen
    ? link('All messages', home)
    : counts.unanswered > 0 && link('Only those without an answer', `${home}?open=yes`)
  const answerTo = mayWrite && room !== null && isOpen(room) ? `${home}/messages` : null
  const list =
    threads.length === 0
      ? emptyState({
          title: onlyOpen ? 'Every message has its answer' : 'Nobody has written yet',
          text: onlyOpen ? 'Nothing waits.' : 'Write first: say what you would like to hear about.',
          level: 3,
        })
      : threadList(threads, {
          timeZone: place.service.timeZone,
          answerTo,
          sentId,
          unread: unread.ids,
          acts: (thread) => acts(page, thread),
        })
  return section(
    { title: 'The conversation', id: 'conversation', aside: filter },
    html`${mayWrite && room !== null && isOpen(room) && write(page)} ${list} ${older !== null && paragraph(link('Older messages', `${home}?before=${older}`))}`,
  )
}

/** What the team can do with what a tester wrote. */
function acts({ place, mayWrite, members }: RoomPage, thread: Thread): Content {
  if (thread.fromTeam) return null
  const home = `${roomHome(place)}/room/messages/${thread.id}`
  const { service } = place
  const whom = html`<span class="govuk-visually-hidden"> ${thread.by}: ${thread.text.slice(0, 60)}</span>`
  const small = (words: string) =>
    button({ text: html`${words}${whom}`, kind: 'secondary', classes: 'pg-button--small' })
  const feedback =
    thread.feedbackReference === null
      ? mayWrite && inlineForm({ action: `${home}/feedback` }, small('Make it feedback'))
      : link(`Feedback ${thread.feedbackReference}`, `/services/${service.key}/feedback/${thread.feedbackReference}`)
  const settled =
    thread.settledAt === null
      ? mayWrite && inlineForm({ action: `${home}/settle` }, small('Needs no answer'))
      : html`<span class="pg-meta">Settled by ${thread.settledBy}</span>`
  // Who has no address here can't be asked by mail.
  const quote =
    mayWrite &&
    members.some(({ id, hasAddress }) => id === thread.memberId && hasAddress) &&
    link(html`Ask to quote${whom}`, `${roomHome(place)}/testimonials?message=${thread.id}#ask`)
  return actions(settled, feedback, quote)
}

/** ROOM-6: whoever may not add a webhook is told who may, instead of being led to a page that is shut. */
function chatWords({ isMirrored, mayManageWebhooks, place: { service } }: RoomPage): Content {
  const webhooks = (text: string) => (mayManageWebhooks ? link(text, `/services/${service.key}/webhooks`) : text)
  if (isMirrored) return html`A chat gets a copy of each message. ${mayManageWebhooks && webhooks('Webhooks')}`
  const whoMay = mayManageWebhooks ? 'add its address' : 'a developer or the service manager can add its address'
  return html`A Slack, Teams or Mattermost channel can get a copy of each message: ${whoMay} under ${webhooks('webhooks')} and choose “Somebody wrote in a beta room”.`
}

function mailedWords(mailed: number): string {
  if (mailed === 0)
    return 'Nobody was mailed: everybody in the audience of the beta was mailed before, or has no address here.'
  return mailed === 1 ? 'The link was mailed to 1 tester.' : `The link was mailed to ${mailed} testers.`
}

function aside(page: RoomPage, room: Room): Html {
  const { place, mayWrite, isPerson, wantsMails, mailed, members } = page
  const home = `${roomHome(place)}/room`
  const names = members.map(({ name, number, cohort, mails, hasAddress }) => {
    const wishes = { all: 'each message by mail', answers: 'answers by mail', none: 'no mails' }
    const wish = hasAddress ? wishes[mails] : 'no address for mails'
    return html`<li>${name ?? `Tester ${number}`} <span class="pg-sub-i">${cohort === null ? wish : `${cohort}, ${wish}`}</span></li>`
  })
  return html`${section(
    { title: 'Testers', id: 'testers' },
    box(html`${mailed !== null && html`<p class="govuk-body" role="status"><b>${mailedWords(mailed)}</b></p>`}
    ${names.length === 0 ? paragraph('Nobody is in the room yet.') : html`<ul class="pg-ticks">${names.slice(0, 20)}</ul>`}
    ${names.length > 20 && paragraph(`and ${names.length - 20} more`)}
    ${
      mayWrite &&
      isOpen(room) &&
      form(
        { action: `${home}/invitations` },
        html`${paragraph('Everybody in the audience of the beta who was not mailed yet gets a link of their own to this room.')}
        ${button({ text: 'Mail the link to testers', kind: 'secondary', preventDoubleClick: true })}`,
      )
    }`),
  )}
  ${section(
    { title: 'How it reaches the team', id: 'reach' },
    box(html`${
      isPerson &&
      form(
        { action: `${home}/mails` },
        html`${hidden('wanted', wantsMails ? 'no' : 'yes')}${paragraph(wantsMails ? 'You get each message by mail.' : 'You get no mails of this room.')}
        ${button({ text: wantsMails ? 'Stop these mails' : 'Mail me each message', kind: 'secondary' })}`,
      )
    }
    ${paragraph(chatWords(page))}
    ${paragraph(
      page.isAnsweredByMail
        ? 'Each mail can be answered here or by replying to it: what somebody writes above the quoted words becomes a message. Files are left out.'
        : 'Nobody can answer by mail: no mail comes in here. Each mail says so, and has the link to the room.',
    )}`),
  )}
  ${
    mayWrite &&
    section(
      { title: 'What the room says', id: 'settings' },
      box(html`${details({ summary: 'Change it' }, roomForm(page, 'Save'))}
      ${isOpen(room) && form({ action: `${home}/close` }, html`${paragraph('A closed room can be read and no longer be written in.')}${button({ text: 'Close the room', kind: 'secondary' })}`)}
      ${!isOpen(room) && paragraph('The room is closed. Saving opens it again.')}`),
    )
  }`
}
