import { shortMomentWords } from '../../platform/index.ts'
import {
  button,
  chip,
  details,
  form,
  hidden,
  html,
  moment,
  textarea,
  type Content,
  type Html,
} from '../../platform/html/index.ts'
import { kindNames, theTeam, type Message, type Thread } from '../room.ts'

export interface ThreadView {
  timeZone: string
  /** Where an answer to this thread is sent; null where none can be. */
  answerTo: string | null
  /** Of the form that answers. */
  sentId: string
  /** What else can be done with the message that began it. */
  acts?: (thread: Thread) => Content
  /** The ids of what others wrote and the one who looks has not seen yet. */
  unread?: ReadonlySet<string>
  /** Who looks: one's own messages say “You”. */
  memberId?: string | null
}

/** Who wrote what, the newest thread first; what strangers wrote is text, and nothing else. */
export function threadList(threads: readonly Thread[], view: ThreadView): Html {
  return html`<ol class="pg-thread">
    ${threads.map((thread) => threadItem(thread, view))}
  </ol>`
}

function threadItem(thread: Thread, view: ThreadView): Html {
  const answers =
    thread.answers.length > 0 &&
    html`<ol class="pg-thread__answers">
      ${thread.answers.map((answer) => html`<li class="pg-thread__item" id="m-${answer.id}">${messageOf(answer, view)}</li>`)}
    </ol>`
  return html`<li class="pg-thread__item" id="m-${thread.id}">
    ${messageOf(thread, view)} ${answers} ${view.acts?.(thread)} ${view.answerTo !== null && answerForm(thread, view.answerTo, view)}
  </li>`
}

function messageOf(message: Message, { timeZone, unread, memberId }: ThreadView): Html {
  const { at, by, kind, fromTeam, text } = message
  const isMine = message.memberId !== null && message.memberId === memberId
  const when = shortMomentWords(at, timeZone)
  return html`<div class="${fromTeam ? 'pg-msg pg-msg--team' : 'pg-msg'}">
    <p class="pg-meta">
      <b>${isMine ? 'You' : by}</b> ${fromTeam && by !== theTeam && chip('Team', { tone: 'data' })} ${kind !== null && chip(kindNames[kind])}
      ${unread?.has(message.id) === true && chip('New', { tone: 'data' })} ${moment(at, when)}
    </p>
    <p class="pg-msg__text">${text}</p>
  </div>`
}

function answerForm(thread: Thread, action: string, { sentId }: ThreadView): Html {
  const id = `answer-${thread.id}`
  return details(
    { summary: html`Answer<span class="govuk-visually-hidden"> ${thread.by}: ${thread.text.slice(0, 60)}</span>` },
    form(
      { action },
      html`${hidden('answers', thread.id)} ${hidden('sentId', `${sentId}-${thread.id}`.slice(0, 100))}
        ${textarea({ name: 'text', id, label: 'Your answer', rows: 3, problems: [], values: {} })} ${button({ text: 'Send the answer', kind: 'secondary', preventDoubleClick: true })}`,
    ),
  )
}
