import type { Problem, Webhook, WebhookEvent } from '../../platform/index.ts'
import {
  button,
  checkboxes,
  chip,
  dataTable,
  emptyState,
  form,
  html,
  input,
  link,
  paragraph,
  radios,
  section,
  type Html,
} from '../../platform/html/index.ts'

export interface WebhooksView {
  home: string
  webhooks: { webhook: Webhook; waiting: number; failed: number }[]
  events: readonly WebhookEvent[]
  problems: Problem[]
  values: Record<string, string>
}

export function webhooksContent(view: WebhooksView): Html {
  return html`${section({ title: 'Who is told' }, view.webhooks.length === 0 ? nobodyYet() : list(view))}
  ${addSection(view)}`
}

function nobodyYet(): Html {
  return emptyState({
    title: 'Nobody is told yet',
    text: 'Add an address below. A test message shows at once whether it arrives.',
  })
}

function list({ home, webhooks }: WebhooksView): Html {
  return dataTable({
    caption: 'Webhooks',
    hideCaption: true,
    head: [
      { text: 'Name', wide: true },
      { text: 'Goes to' },
      { text: 'State' },
      { text: 'Waiting', numeric: true },
      { text: 'Given up', numeric: true },
    ],
    rows: webhooks.map(({ webhook, waiting, failed }) => [
      link(webhook.description, `${home}/${webhook.id}`),
      html`<code>${new URL(webhook.url).host}</code>`,
      stateChip(webhook),
      String(waiting),
      String(failed),
    ]),
  })
}

export function stateChip({ state }: Webhook): Html {
  if (state === 'active') return chip('Active', { tone: 'data' })
  return state === 'paused' ? chip('Paused', { tone: 'quiet' }) : chip('Failing', { tone: 'stop' })
}

function addSection({ home, events, problems, values }: WebhooksView): Html {
  return section(
    { title: 'Add a webhook', id: 'add' },
    form(
      { action: home },
      html`${radios({
        name: 'kind',
        legend: 'Who is told',
        value: values['kind'] ?? 'standard',
        items: [
          {
            value: 'standard',
            text: 'A system of ours',
            hint: { text: 'JSON, signed by the Standard Webhooks specification; the secret is shown once' },
          },
          {
            value: 'chat',
            text: 'A chat',
            hint: { text: 'An incoming webhook of Slack, Mattermost or another like them' },
          },
        ],
        problems,
      })}
      ${fields({ events, problems, values })} ${button({ text: 'Add the webhook' })}`,
    ),
  )
}

interface Fields extends Pick<WebhooksView, 'events' | 'problems' | 'values'> {
  /** There is an address of which only the host is shown. */
  isKept?: boolean
}

export function fields({ events, problems, values, isKept = false }: Fields): Html {
  return html`${input({ name: 'description', label: 'What it is for', hint: 'Such as “Incident channel”', problems, values })}
  ${input({
    name: 'url',
    label: 'Address to send to',
    hint: isKept
      ? 'The rest of the address is a secret and not shown. Leave this as it is to keep it, or put a whole new one here'
      : 'Starts with https://. Addresses inside your network have to be allowed first, by the setting OUTGOING_ALLOW',
    type: 'url',
    spellcheck: false,
    problems,
    values,
  })}
  ${checkboxes({
    name: 'events',
    legend: 'What it is told',
    classes: 'govuk-checkboxes--small pg-in-columns',
    items: events.map(({ type, says }) => ({ value: type, text: says, hint: { text: html`<code>${type}</code>` } })),
    chosen: (values['events'] ?? '').split('\n'),
    problems,
  })}
  ${paragraph(html`A system is sent ids, never names, addresses or what somebody wrote. A chat that hears of beta rooms gets a copy of each message, under the name that the tester chose.`)}`
}
