import { dateWords, type ApiKey, type Permission, type Problem } from '../../platform/index.ts'
import {
  button,
  dataTable,
  html,
  input,
  radios,
  select,
  textarea,
  warningText,
  type Html,
} from '../../platform/html/index.ts'

/** What a server key may do, in three sizes; the API can choose more finely. */
export const keyPresets = {
  all: { says: 'Everything it can', permissions: null },
  send: {
    says: 'Send what happened',
    permissions: ['events.write', 'feedback.write', 'deployments.write'],
  },
  read: { says: 'Read the service', permissions: ['service.view'] },
} as const satisfies Record<string, { says: string; permissions: readonly Permission[] | null }>

export interface KeysView {
  keys: ApiKey[]
  newSecret: string | null
  mayEdit: boolean
  home: string
  timeZone: string
  problems: Problem[]
  values: Record<string, string>
}

export function keysSection(view: KeysView): Html {
  const { keys, newSecret, mayEdit } = view
  return html`<section class="pg-panel" id="keys">
    <h2 class="govuk-heading-m">Keys</h2>
    <p class="govuk-body">For your application (server), for its pages (client), or for a gateway of your own.</p>
    ${newSecret !== null && warningText({ text: html`This is the secret, shown once. Copy it now: <code>${newSecret}</code>` })}
    ${
      keys.length > 0 &&
      dataTable({
        caption: 'Keys of this service',
        hideCaption: true,
        head: [
          { text: 'Name' },
          { text: 'Kind' },
          { text: 'Ends with' },
          { text: 'Last used' },
          { text: 'Ends' },
          { text: 'State' },
        ],
        rows: keys.map((key) => [
          html`<b>${key.name}</b>${key.permissions !== null && html`<span class="pg-sub">${key.permissions.join(', ')}</span>`}${key.origins !== null && html`<span class="pg-sub">${key.origins.join(', ')}</span>`}`,
          key.kind,
          html`<code>${key.hint}</code>`,
          key.lastUsedAt === null ? 'Never' : dateWords(key.lastUsedAt, view.timeZone),
          key.expiresAt === null ? 'Never' : dateWords(key.expiresAt, view.timeZone),
          keyState(key, view),
        ]),
      })
    }
    ${mayEdit && keyForm(view)}
  </section>`
}

function keyForm({ home, problems, values }: KeysView): Html {
  return html`<form method="post" action="${home}" novalidate>
    ${input({ name: 'keyName', label: 'What the key is for', problems, values })}
    ${radios({
      name: 'kind',
      legend: 'Kind',
      items: [
        { value: 'server', text: 'Server: secret' },
        { value: 'client', text: 'Client: public' },
        { value: 'gateway', text: 'Gateway' },
      ],
      problems,
      values,
    })}
    ${select({
      name: 'may',
      label: 'What a server key may do',
      items: Object.entries(keyPresets).map(([value, { says }]) => ({ value, text: says })),
      problems,
      values,
    })}
    ${textarea({
      name: 'origins',
      label: 'Whose pages may use a client key',
      hint: 'One origin a line, such as https://app.example.org. Left empty: the pages of this service',
      rows: 2,
      spellcheck: false,
      problems,
      values,
    })}
    ${select({
      name: 'days',
      label: 'When it ends',
      hint: 'Two weeks before, the service manager and the developers get a mail',
      items: [
        { value: '', text: 'Never' },
        { value: '30', text: 'In 30 days' },
        { value: '90', text: 'In 90 days' },
        { value: '365', text: 'In a year' },
      ],
      problems,
      values,
    })}
    ${button({ text: 'Create a key', kind: 'secondary' })}
  </form>`
}

function keyState(key: ApiKey, { home, mayEdit }: KeysView): Html {
  if (key.revokedAt !== null) return html`Revoked`
  if (!mayEdit) return html`In use`
  const named = html`<span class="govuk-visually-hidden"> ${key.name}</span>`
  return html`<form method="post" action="${home}/${key.id}/renew">
      ${button({ text: html`New secret<span class="govuk-visually-hidden"> for ${key.name}; the old one works for a day more</span>`, kind: 'secondary' })}
    </form>
    <form method="post" action="${home}/${key.id}/revoke">
      ${button({ text: html`Revoke${named}`, kind: 'secondary' })}
    </form>`
}
