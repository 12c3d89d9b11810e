import { attributes, button, html, input, type Html } from '../../html/index.ts'
import type { Problem } from '../../problem.ts'
import { plain, when } from '../pages/plain.ts'
import type { RelyingParty } from './relying-party.ts'
import type { Passkey } from './store.ts'

const withoutScript = html`<noscript
  ><p class="govuk-body">Passkeys need JavaScript. Without it, use another way.</p></noscript
>`

/** The field that the script fills with what the device answers, and the place where it says what went wrong. */
export function passkeyField(
  options: { name: string; kind: 'get' | 'create' } & ({ asked: object } | { askAt: string }),
): Html {
  const { name, kind } = options
  const says = `${name}-says`
  const field = attributes({
    type: 'hidden',
    name,
    'data-passkey': kind,
    'data-says': says,
    'data-options': 'asked' in options && JSON.stringify(options.asked),
    'data-options-from': 'askAt' in options && options.askAt,
  })
  return html`<input${field} />${withoutScript}<p class="govuk-error-message" id="${says}" role="alert"></p>`
}

/** ACC-30: what a person can do where the page stands under a name for which no passkey can be. */
export function elsewhereHint(party: RelyingParty, path: string): Html {
  return html`<p class="govuk-body">
    Passkeys do not work at an address of numbers. To use one, open
    <a class="govuk-link" href="${party.origin}${path}">${party.origin}${path}</a>.
  </p>`
}

export function signInWithPasskey(to: string): Html {
  return html`<form method="post" action="/sign-in/passkey" novalidate>
    <input type="hidden" name="to" value="${to}" />
    ${passkeyField({ name: 'credential', kind: 'get', askAt: '/sign-in/passkey/options' })}
    ${button({ text: 'Sign in with a passkey', kind: 'secondary' })}
  </form>`
}

export interface PasskeysView {
  passkeys: readonly Passkey[]
  /** Null where the installation stands at an address for which there are none. */
  party: RelyingParty | null
  isElsewhere: boolean
  /** For the first one's name. */
  device: string
}

export function passkeySection(view: PasskeysView): Html {
  const { passkeys, party, isElsewhere, device } = view
  const add = html`<form method="post" action="/account/passkeys/new" novalidate>
    ${input({ name: 'name', label: 'Name of the passkey', hint: 'So that you know later which one it is', problems: [], values: { name: device }, attributes: { maxlength: '100' } })}
    ${button({ text: 'Add a passkey', kind: 'secondary' })}
  </form>`
  return html`<h2 class="govuk-heading-m" id="passkeys">Passkeys</h2>
    <p class="govuk-body">
      Sign in with your fingerprint, face, PIN or security key. A passkey can’t be guessed, forgotten or phished.
    </p>
    ${passkeys.map(passkeyRow)}
    ${party === null && html`<p class="govuk-body">There are none here: browsers offer them only under a host name with https. Whoever runs the installation sets it as PUBLIC_URL.</p>`}
    ${party !== null && (isElsewhere ? elsewhereHint(party, '/account#passkeys') : add)}`
}

function passkeyRow({ id, name, addedAt, usedAt }: Passkey): Html {
  return html`<div class="pg-way">
    <p class="govuk-body">
      <b>${name}</b>
      <span class="pg-sub"
        >Added ${when(addedAt)}, ${usedAt === null ? 'not used yet' : `last used ${when(usedAt)}`}</span
      >
    </p>
    <form method="post" action="/account/passkeys/remove">
      <input type="hidden" name="id" value="${id}" />
      ${button({ text: html`Remove<span class="govuk-visually-hidden"> ${name}</span>`, kind: 'secondary' })}
    </form>
  </div>`
}

export function newPasskeyPage(view: { name: string; asked: object; problems: Problem[] }): Html {
  return plain(
    'Add a passkey',
    view.problems,
    html`<h1 class="govuk-heading-l">Add a passkey</h1>
      <p class="govuk-body">
        Your device asks for your fingerprint, face or PIN, and keeps the passkey <b>${view.name}</b>. We never see
        either.
      </p>
      <form method="post" action="/account/passkeys" novalidate>
        <input type="hidden" name="name" value="${view.name}" />
        ${passkeyField({ name: 'credential', kind: 'create', asked: view.asked })}
        ${button({ text: 'Go on' })}
      </form>
      <p class="govuk-body"><a class="govuk-link" href="/account#passkeys">Back to your account</a></p>`,
  )
}
