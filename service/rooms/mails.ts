import type { MailMessage } from '../platform/index.ts'
import type { Answerable } from './answer-addresses.ts'
import { kindNames, type Message, type Place } from './room.ts'

const nobodyReads = 'Nobody reads answers to this mail itself.'

/** ROOM-4: each mail says how it is answered. */
function howToAnswer({ replyTo }: Answerable): string {
  return replyTo === undefined
    ? `You can answer on the page behind the link. ${nobodyReads}`
    : 'Answer by replying to this mail, or on the page behind the link. Everybody in the room reads it. Files are not taken.'
}

export function linkMail({
  place: { feature, service },
  address,
  link,
  welcome,
  by,
}: {
  place: Place
  address: string
  link: string
  welcome: string
  by: Answerable
}): MailMessage {
  return {
    ...by,
    to: address,
    subject: `The beta room of “${feature.name}”`,
    text: `You can try “${feature.name}” in “${service.name}” before everyone else does. Those who try it and those who build it talk in one place:

${link}

${welcome}

The link is for you and needs no password: please do not pass it on. You get mails of answers to what you write there, and
can stop them with one press.

${howToAnswer(by)}
`,
    stop: `${link}/stop`,
  }
}

interface Told {
  place: Place
  message: Message
  /** What began the conversation, where the message did not. */
  begun: Message | null
  address: string
  link: string
  by: Answerable
}

export function messageMail({ place: { feature }, message, begun, address, link, by }: Told): MailMessage {
  return {
    ...by,
    to: address,
    subject: subjectOf(feature.name, message, by.thread === undefined ? null : begun),
    text: `${wordsOf(message)}

${link}

${howToAnswer(by)}

Stop these mails with one press:

${link}/stop
`,
    stop: `${link}/stop`,
  }
}

/** For the team: to the page that asks for a sign-in. */
export function teamMail({ place: { feature }, message, begun, address, link, by }: Told): MailMessage {
  return {
    ...by,
    to: address,
    subject: subjectOf(feature.name, message, by.thread === undefined ? null : begun),
    text: `${wordsOf(message)}

${link}

${by.replyTo === undefined ? nobodyReads : howToAnswer(by)}

You get each message since you chose so in the room. Change it there.
`,
  }
}

export function reminderMail({
  place: { feature },
  unanswered,
  oldest,
  address,
  link,
  by,
}: {
  place: Place
  unanswered: number
  oldest: Message | null
  address: string
  link: string
  by: Answerable
}): MailMessage {
  const what = unanswered === 1 ? 'One message waits' : `${unanswered} messages wait`
  const answered =
    by.replyTo === undefined || oldest === null
      ? ''
      : `${wordsOf(oldest)}\n\nReply to this mail to answer that one.\n\n`
  return {
    ...by,
    to: address,
    subject: `${what} for an answer in the beta room of “${feature.name}”`,
    text: `${what} for an answer. The oldest has waited for more than a day.

${answered}${link}

You are reminded once a day until the beta stage ends, or nothing waits any more.
`,
  }
}

/** The person decides about exactly these words. */
export function consentMail({
  place: { feature, service },
  wording,
  address,
  link,
}: {
  place: Place
  wording: string
  address: string
  link: string
}): MailMessage {
  return {
    to: address,
    subject: `May we quote you on “${feature.name}”?`,
    text: `You wrote something about “${feature.name}” in “${service.name}” that we would like to show to others, in exactly these words:

  ${wording.replaceAll('\n', '\n  ')}

Nothing is used before you say yes, and you can take a yes back at any time:

${link}

Please say yes or no on that page. ${nobodyReads}
`,
  }
}

export type NotTaken = keyof typeof whyNotTaken

const whyNotTaken = {
  closed: 'The room is closed. What was written stays there to read.',
  empty: 'There was nothing in it but what it answered. Write your words above that, or on the page:',
  'only-files': 'There was nothing in it but files, and files are not taken. Write your words on the page:',
  'too-long': 'It was longer than 4,000 characters. Write it in several messages, or on the page:',
  'without-files': 'What you wrote is in the room. The files are not: say there in words what they show.',
  'other-sender': `It came from another address than this one, to which we had written. If it was yours, write from this address, or
on the page:`,
} as const

/** ROOM-16: what became of an answer by mail that is not, or not all of it, in the room. */
export function notTakenMail({
  place: { feature },
  address,
  link,
  why,
}: {
  place: Place
  address: string
  link: string
  why: NotTaken
}): MailMessage {
  const isIn = why === 'without-files'
  return {
    to: address,
    subject: isIn
      ? `The files to “${feature.name}” were left out`
      : `Your answer to “${feature.name}” is not in the room`,
    text: `${whyNotTaken[why]}

${link}

This mail comes by itself. Nobody reads answers to it.
`,
  }
}

/** Some mail programs put mails together only where they have one subject, too. */
function subjectOf(name: string, { by }: Message, begun: Message | null): string {
  return begun === null ? `${by} in the beta room of “${name}”` : `Re: ${begun.by} in the beta room of “${name}”`
}

function wordsOf({ by, kind, text }: Message): string {
  return `${by} wrote${kind === null ? '' : ` (${kindNames[kind].toLowerCase()})`}:\n\n${text}`
}
