import {
  button,
  form,
  hidden,
  html,
  publicPage,
  summaryList,
  type Content,
  type Html,
} from '../../platform/html/index.ts'
import { longDateWords, type Problem } from '../../platform/index.ts'
import { offerOf } from '../offer.ts'

/** What every public page needs to know of the service and of the way by which the page was reached. */
export interface PublicView {
  name: string
  phaseLabel: string | null
  phaseName: string
  /** Is an invitation only one way in among others? */
  isOpen: boolean
  contact: string
  timeZone: string
  hasCurrent: boolean
  /** In use when it came here: nobody applies for anything in it (GATE-25). */
  isProduct: boolean
  example: boolean
  /** Before links to these pages. */
  base: string
  /** Before stylesheets. */
  assets: string
  /** Where the service begins. */
  home: string
  /** False for the link door. */
  isEnforced: boolean
}

/** The frame of a page for the public, on the service's own host or under the link door. */
export function edgePage(
  view: PublicView,
  title: string,
  content: Content,
  more: { problems?: readonly Problem[]; stripUrl?: string } = {},
): Html {
  return publicPage(
    {
      title,
      serviceName: view.name,
      serviceUrl: view.home,
      phaseLabel: view.phaseLabel,
      phaseText: 'This is a new service.',
      base: view.assets,
      exampleData: view.example,
      ...more,
    },
    content,
  )
}

interface InvitationView {
  token: string
  nonce: string
  expiresAt: Date
  holdsPlace: boolean
  cap: number | null
  /** Where the link says that the person comes from; empty where it says nothing. */
  returnTo: string
}

/** What it is, what it means, and one button. Looking changes nothing. */
export function invitationPage(view: PublicView, invitation: InvitationView): Html {
  const until = longDateWords(invitation.expiresAt, view.timeZone)
  const place = invitation.holdsPlace
    ? `Your place is kept until ${until}`
    : `Places are limited: they go to those who accept first, until ${until}`
  const { title, saysHere } = offerOf(view)
  return edgePage(
    view,
    title,
    html`<p class="pg-eyebrow">Invitation for one person</p>
      <h1 class="govuk-heading-xl">${title}</h1>
      <p class="govuk-body-l">
        ${saysHere} What you do in it is real.
      </p>
      ${form(
        { action: `${view.base}/invitation/${invitation.token}/accept`, classes: 'pg-accept' },
        html`${hidden('nonce', invitation.nonce)}${invitation.returnTo !== '' && hidden('return', invitation.returnTo)}${button({ text: 'Take part', attributes: { 'data-prevent-double-click': 'true' } })}
          <a class="govuk-link" href="${view.home}">${view.hasCurrent ? 'Use the current service instead' : 'Not now'}</a>`,
      )}
      <p class="pg-meta">${place}. <a class="govuk-link" href="${view.base}/invitation/${invitation.token}/decline">Say no</a></p>
      ${whatToExpect(view, invitation.cap)} ${whatItMeans(view)}`,
    { stripUrl: `${view.base}/invitation` },
  )
}

function whatToExpect(view: PublicView, cap: number | null): Html {
  if (view.phaseLabel === null)
    return html`<h2 class="govuk-heading-m">What to expect</h2>
      <p class="govuk-body">It works, and is not finished: things may change from week to week. ${broken(view)}</p>`
  return html`<h2 class="govuk-heading-m">What ${aPhase(view.phaseName)} is</h2>
    <p class="govuk-body">
      A service that works, ${openTo(view, cap)}, so that we find out what doesn’t work yet. Things may change from week to week. ${broken(view)}
    </p>`
}

function openTo({ isOpen }: PublicView, cap: number | null): string {
  if (cap !== null) return `with up to ${cap.toLocaleString('en-GB')} people`
  return isOpen ? 'open to everybody who wants to try it' : 'with invited people'
}

/** ADM-41: the right to say no, in each mail. */
export function declinePage(view: PublicView, { token, isIn }: { token: string; isIn: boolean }): Html {
  const title = isIn ? 'Get no more invitations' : 'Say no to the invitation'
  const lede = isIn
    ? 'You take part already, and that stays so. We do not invite you to it again.'
    : 'Your place goes to somebody else, and we do not invite you again. The service goes on as before.'
  return edgePage(
    view,
    title,
    html`<h1 class="govuk-heading-xl">${title}</h1>
      <p class="govuk-body-l">${lede}</p>
      ${form({ action: `${view.base}/invitation/${token}/decline`, classes: 'pg-accept' }, button({ text: isIn ? 'No more invitations' : 'No, thank you' }))}
      <p class="govuk-body"><a class="govuk-link" href="${view.base}/invitation/${token}">Read the invitation again</a></p>`,
    { stripUrl: `${view.base}/invitation` },
  )
}

/** What taking part means: before the decision, by whatever way one came. */
export function whatItMeans(view: PublicView): Html {
  return html`<h2 class="govuk-heading-m">You decide, at any time</h2>
      <ul class="pg-ticks">
        ${view.hasCurrent && html`<li>Go back to the current service from any page. We remember that choice.</li>`}
        <li>Say what you think, or don’t. Every question is optional.</li>
        ${!view.isProduct && html`<li>Taking part has no effect on what you apply for.</li>`}
        <li>Leave the beta whenever you like. That doesn’t touch anything that you have sent.</li>
      </ul>
      <h2 class="govuk-heading-m">What happens with your data</h2>
      ${summaryList({
        rows: [
          ...(view.isProduct ? [] : [applicationRow(view)]),
          { key: 'That you take part', value: 'One cookie, so that you stay in. Gone 90 days after your last visit' },
          { key: 'How the pages work', value: 'Which step is reached and whether it failed, without your name' },
          { key: 'What you write to us', value: 'Read by the team' },
        ],
      })}
      ${helpSection(view)}`
}

function applicationRow({ hasCurrent }: PublicView) {
  return {
    key: 'What you apply for',
    value: hasCurrent ? 'Treated as in the current service' : 'Treated as the service says',
  }
}

function aPhase(name: string): string {
  return `${/^[aeiou]/i.test(name) ? 'an' : 'a'} ${name.toLowerCase()}`
}

function broken(view: PublicView): string {
  return view.hasCurrent
    ? 'If something breaks you are taken to the current service: you may have to start again, but anything you have sent is safe.'
    : 'If something breaks you may have to start again, but anything you have sent is safe.'
}

export function helpSection(view: PublicView): Html | false {
  return (
    view.contact !== '' &&
    html`<h2 class="govuk-heading-m">Need help?</h2><p class="govuk-body">${contactLink(view.contact)}</p>`
  )
}

/** A team writes what it likes: an address, a page, or words with a number. */
function contactLink(contact: string): Html | string {
  if (/^[^\s@<>"]+@[^\s@<>"]+$/.test(contact))
    return html`<a class="govuk-link" href="mailto:${contact}">${contact}</a>`
  return /^https?:\/\/\S+$/.test(contact) ? html`<a class="govuk-link" href="${contact}">${contact}</a>` : contact
}

/** P3: one person, several devices. */
export function continuePage(
  view: PublicView,
  { token, isHere, returnTo }: { token: string; isHere: boolean; returnTo: string },
): Html {
  if (isHere) {
    return edgePage(
      view,
      'You take part already',
      html`<h1 class="govuk-heading-xl">You take part already</h1>
        <p class="govuk-body-l">This browser is in the beta. There is nothing more to do.</p>
        <p class="govuk-body"><a class="govuk-link" href="${view.home}">Go to the service</a></p>`,
    )
  }
  return edgePage(
    view,
    'Continue on this device',
    html`<h1 class="govuk-heading-xl">Continue on this device</h1>
      <p class="govuk-body-l">You accepted this invitation on another device or browser. You can use the new service here too: it stays one place, yours.</p>
      ${form({ action: `${view.base}/invitation/${token}/continue`, classes: 'pg-accept' }, html`${returnTo !== '' && hidden('return', returnTo)}${button({ text: 'Continue on this device' })}`)}
      <p class="govuk-body">Up to five devices can use one invitation.</p>
      <h2 class="govuk-heading-m">It was not you?</h2>
      <p class="govuk-body">Then somebody else opened your link. ${view.contact === '' ? 'Tell the team.' : html`Tell us: ${contactLink(view.contact)}`}</p>
      ${newLinkForm(view, token)}`,
    { stripUrl: `${view.base}/invitation` },
  )
}

/** The link itself is good no longer, its invitation may be. */
export function newLinkPage(view: PublicView, { token, kind }: { token: string; kind: 'used' | 'replaced' }): Html {
  const title = kind === 'used' ? 'This invitation was already used' : 'There is a newer link'
  const text =
    kind === 'used'
      ? 'An invitation is accepted once. If it was you, on another device, open the link again there, or have a new link sent to you.'
      : 'We sent a newer link to the same address, and this older one ended with it. Look for the latest mail.'
  return edgePage(
    view,
    title,
    html`<h1 class="govuk-heading-xl">${title}</h1>
      <p class="govuk-body-l">${text}</p>
      ${newLinkForm(view, token)} ${helpSection(view)} ${backHome(view)}`,
    { stripUrl: `${view.base}/invitation` },
  )
}

function newLinkForm(view: PublicView, token: string): Html {
  return form(
    { action: `${view.base}/invitation/${token}/new-link` },
    button({ text: 'Mail me a new link', classes: 'govuk-button--secondary' }),
  )
}

export interface Message {
  title: string
  text: readonly string[]
}

/** ADM-19 */
export const fullWords: Message = {
  title: 'The beta is full',
  text: ['Every place has been taken. Nothing has changed for you: the service goes on as before.'],
}

/** ADM-66 */
export const dayFullWords: Message = {
  title: 'No more people can start today',
  text: ['The new version takes a certain number a day, and today’s is reached. Come back tomorrow, by the same way.'],
}

export function messagePage(
  view: PublicView,
  { title, text }: Message,
  options: { withWaiting?: boolean; withCode?: boolean } = {},
): Html {
  const [first, ...rest] = text
  return edgePage(
    view,
    title,
    html`<h1 class="govuk-heading-xl">${title}</h1>
      <p class="govuk-body-l">${first}</p>
      ${rest.map((sentence) => html`<p class="govuk-body">${sentence}</p>`)}
      ${options.withCode === true && html`<p class="govuk-body"><a class="govuk-link" href="${view.base}/code">Enter the code</a></p>`}
      ${options.withWaiting === true && html`<p class="govuk-body"><a class="govuk-link" href="${view.base}/waiting">Ask for a place</a></p>`}
      ${helpSection(view)} ${backHome(view)}`,
  )
}

export function backHome(view: PublicView): Html {
  return html`<p class="govuk-body"><a class="govuk-link" href="${view.home}">Go to the service</a></p>`
}

export function previewPage(view: PublicView, { token, feature }: { token: string; feature: string | null }): Html {
  const title =
    feature === null
      ? `Look at the new version of “${view.name}”`
      : `Look at “${feature}”, which is new in “${view.name}”`
  const what = feature === null ? 'the new version' : `“${view.name}” with it`
  return edgePage(
    view,
    title,
    html`<h1 class="govuk-heading-xl">${title}</h1>
      <p class="govuk-body-l">Somebody on the team sent you this link. It opens ${what} in this browser, for looking around.</p>
      ${form({ action: `${view.base}/preview/${token}`, classes: 'pg-accept' }, button({ text: feature === null ? 'Open the new version' : 'Open it' }))}
      <p class="govuk-body">Use made-up ${view.isProduct ? 'details' : 'answers'} unless the team told you otherwise.</p>`,
    { stripUrl: `${view.base}/preview` },
  )
}

export function leavePage(view: PublicView): Html {
  return edgePage(
    view,
    'Leave the beta',
    html`<h1 class="govuk-heading-xl">Leave the beta</h1>
      <p class="govuk-body-l">
        ${view.hasCurrent ? 'You go back to the current service, and your place goes to somebody else.' : 'Your place goes to somebody else.'}
        Anything that you have sent stays as it is.
      </p>
      ${form({ action: `${view.base}/leave`, classes: 'pg-accept' }, button({ text: 'Leave the beta' }))}
      <p class="govuk-body"><a class="govuk-link" href="${view.home}">Stay in</a></p>`,
  )
}

/** The separate call to action: whoever wants it chooses it, and can choose again. */
export function choicePage(view: PublicView, mayJoin: boolean): Html {
  const title = `Which version of “${view.name}” do you want to use?`
  const choose = (arm: 'new' | 'current', words: string, kind: 'primary' | 'secondary'): Html =>
    form({ action: `${view.base}/choice` }, html`${hidden('arm', arm)}${button({ text: words, kind })}`)
  return edgePage(
    view,
    title,
    html`<h1 class="govuk-heading-xl">${title}</h1>
      <p class="govuk-body-l">You can change your mind at any time, here. We remember the choice in this browser.</p>
      ${mayJoin && choose('new', 'Use the new version', 'primary')}
      ${!mayJoin && html`<p class="govuk-body">The new version is open by invitation at present. <a class="govuk-link" href="${view.base}/waiting">Ask for a place</a></p>`}
      ${view.hasCurrent && choose('current', 'Use the current version', mayJoin ? 'secondary' : 'primary')}`,
  )
}

/** The link door has nobody to send elsewhere: the new service stands in for nothing, and this person is not in. */
export function holdingPage(view: PublicView): Html {
  return messagePage(
    view,
    {
      title: `“${view.name}” is not open to everyone yet`,
      text: ['It is a new service, let open a few people at a time.'],
    },
    { withWaiting: true },
  )
}
