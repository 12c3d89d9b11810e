import {
  exactMomentWords,
  type Problem,
  type Webhook,
  type WebhookAttempt,
  type WebhookEvent,
  type WebhookMessage,
} from '../../platform/index.ts'
import {
  actions,
  button,
  copyable,
  dataTable,
  details,
  emptyState,
  facts,
  form,
  hidden,
  html,
  moment,
  paragraph,
  section,
  split,
  warningText,
  type Content,
  type Html,
} from '../../platform/html/index.ts'
import { fields, stateChip } from './webhooks-page.ts'

export interface WebhookView {
  home: string
  webhook: Webhook
  messages: WebhookMessage[]
  events: readonly WebhookEvent[]
  timeZone: string
  now: Date
  secret: string | null
  problems: Problem[]
  values: Record<string, string>
}

export function webhookContent(view: WebhookView): Html {
  const { secret } = view
  return html`${secret !== null && secretShown(secret)} ${split('7-5', logSection(view), stateSection(view))}
  ${changeSection(view)}`
}

function secretShown(secret: string): Html {
  return html`${warningText({ text: 'This is the secret, shown once. Copy it now: the receiver checks each message with it.' })}
  ${copyable({ id: 'secret', label: 'Secret', value: secret, what: 'the secret' })}`
}

function stateSection(view: WebhookView): Html {
  const { home, webhook, messages, now, timeZone } = view
  const here = `${home}/${webhook.id}`
  const act = (name: string, text: string, kind: 'secondary' | 'warning' = 'secondary') =>
    form({ action: `${here}/${name}` }, button({ text, kind }))
  const isActive = webhook.state === 'active'
  const rotates = webhook.secretBeforeUntil !== null && webhook.secretBeforeUntil > now
  return section(
    { title: 'State' },
    html`${facts([
      { name: 'State', value: stateChip(webhook) },
      webhook.failingSince !== null && { name: 'Failing since', value: when(webhook.failingSince, timeZone) },
      { name: 'Goes to', value: html`<code>${new URL(webhook.url).host}</code>` },
      { name: 'Sent as', value: webhook.kind === 'chat' ? 'A chat message' : 'Signed JSON' },
      rotates && {
        name: 'Both secrets sign until',
        value: when(webhook.secretBeforeUntil ?? now, timeZone),
      },
    ])}
    ${stateWords(webhook)}
    ${actions(
      isActive && act('test', 'Send a test'),
      isActive ? act('pause', 'Pause') : act('resume', 'Let it go on'),
      isActive && messages.some(({ state }) => state === 'failed') && act('replay', 'Send again what was given up'),
      webhook.kind === 'standard' && act('secret', 'New secret'),
      act('remove', 'Remove', 'warning'),
    )}`,
  )
}

function stateWords({ state }: Webhook): Html {
  if (state === 'paused') return paragraph('While it is paused, what happens waits, for up to 30 days.')
  if (state === 'failing')
    return paragraph(
      'After three days without success it is tried no longer. What happens waits, for up to 30 days. Mend the receiver, then let it go on.',
    )
  return paragraph('What fails is tried again for about three days, with growing pauses.')
}

function logSection({ messages, timeZone, webhook, home }: WebhookView): Html {
  if (messages.length === 0) {
    const empty = emptyState({ title: 'Nothing was sent yet', text: 'Send a test to see whether it arrives.' })
    return section({ title: 'What was sent' }, empty)
  }
  const again = ({ id }: WebhookMessage, type: string) =>
    form(
      { action: `${home}/${webhook.id}/replay` },
      html`${hidden('message', id)}${button({ text: html`Send again<span class="govuk-visually-hidden"> ${type}</span>`, kind: 'secondary' })}`,
    )
  return section(
    { title: 'What was sent', lede: 'The newest fifty, kept for 30 days.' },
    dataTable({
      caption: 'Messages, newest first',
      hideCaption: true,
      head: [{ text: 'What' }, { text: 'When' }, { text: 'How it went', wide: true }, { text: 'Again', hidden: true }],
      rows: messages.map((message) => [
        html`<code>${message.type}</code>`,
        when(message.createdAt, timeZone),
        outcome(message, timeZone),
        webhook.state === 'active' && message.state !== 'waiting' ? again(message, message.type) : '',
      ]),
    }),
  )
}

function outcome(message: WebhookMessage, timeZone: string): Html {
  const { state, attempts, tries, nextTryAt } = message
  const next = tries === 0 ? 'Waits for its first try' : html`Tried ${times(tries)}, next ${when(nextTryAt, timeZone)}`
  const words: Content =
    state === 'delivered' ? 'Arrived' : state === 'failed' ? `Given up after ${times(tries)}` : next
  return html`<b>${words}</b>
    ${
      attempts.length > 0 &&
      details(
        { summary: attempts.length === 1 ? 'One try' : `${attempts.length} tries` },
        attempts.map((attempt) => attemptLine(attempt, timeZone)),
      )
    }`
}

const times = (count: number): string => (count === 1 ? 'once' : `${count} times`)

function attemptLine({ at, status, problem, answer, tookMs }: WebhookAttempt, timeZone: string): Html {
  const said = status === null ? `No answer: ${problem ?? ''}` : `Answered ${status} after ${tookMs} ms`
  return html`<p class="govuk-body-s">
    ${when(at, timeZone)}. ${said}${answer !== '' && html`<br /><code>${answer}</code>`}
  </p>`
}

function when(at: Date, timeZone: string): Html {
  return moment(at, exactMomentWords(at, timeZone))
}

function changeSection({ home, webhook, events, problems, values }: WebhookView): Html {
  const typed = { url: webhook.url, description: webhook.description, events: webhook.events.join('\n'), ...values }
  return section(
    { title: 'Change it', id: 'change' },
    form(
      { action: `${home}/${webhook.id}` },
      html`${fields({ events, problems, values: typed, isKept: webhook.kind === 'chat' })} ${button({ text: 'Save' })}`,
    ),
  )
}
