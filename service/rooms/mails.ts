import type { MailMessage } from '../platform/index.ts'
import { kindNames, type Message, type Place } from './room.ts'

/** ROOM-4: no mail of the room can be answered by mail; each says how to answer. */
const answerHere = 'You can answer on the page behind the link. Nobody reads answers to this mail itself.'

export function linkMail({
  place: { feature, service },
  address,
  link,
  welcome,
}: {
  place: Place
  address: string
  link: string
  welcome: string
}): MailMessage {
  return {
    to: address,
    subject: `The beta room of “${feature.name}”`,
    text: `You can try “${feature.name}” in “${service.name}” before everyone else does. Those who try it and those who build it talk in one place:

${link}

${welcome}

The link is for you and needs no password: please do not pass it on. You get mails of answers to what you write there, and
can stop them with one press.

${answerHere}
`,
    stop: `${link}/stop`,
  }
}

interface ToTester {
  place: Place
  message: Message
  address: string
  link: string
}

export function messageMail({ place: { feature }, message, address, link }: ToTester): MailMessage {
  return {
    to: address,
    subject: subjectOf(feature.name, message),
    text: `${wordsOf(message)}

${link}

${answerHere}

Stop these mails with one press:

${link}/stop
`,
    stop: `${link}/stop`,
  }
}

/** For the team: to the page that asks for a sign-in. */
export function teamMail({ place: { feature }, message, address, link }: ToTester): MailMessage {
  return {
    to: address,
    subject: subjectOf(feature.name, message),
    text: `${wordsOf(message)}

${link}

You get each message since you chose so in the room. Change it there.
`,
  }
}

export function reminderMail({
  place: { feature },
  unanswered,
  address,
  link,
}: {
  place: Place
  unanswered: number
  address: string
  link: string
}): MailMessage {
  const what = unanswered === 1 ? 'One message waits' : `${unanswered} messages wait`
  return {
    to: address,
    subject: `${what} for an answer in the beta room of “${feature.name}”`,
    text: `${what} for an answer. The oldest has waited for more than a day.

${link}

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
`,
  }
}

function subjectOf(name: string, { by }: Message): string {
  return `${by} in the beta room of “${name}”`
}

function wordsOf({ by, kind, text }: Message): string {
  return `${by} wrote${kind === null ? '' : ` (${kindNames[kind].toLowerCase()})`}:\n\n${text}`
}
