/** The few pages that the gateway shows itself. They need nothing but this file and their style sheet. */
export interface Page {
  status: number
  html: string
  retryAfterSeconds?: number
}

export interface PageService {
  name: string
  contact: string | null
}

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`)
}

function page(status: number, title: string, body: string, retryAfterSeconds?: number): Page {
  const html =
    `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${escapeHtml(title)}</title>` +
    '<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex">' +
    '<link rel="stylesheet" href="/.phasegate/inserted.css"></head>' +
    `<body class="pg-page"><main><h1>${escapeHtml(title)}</h1>${body}</main></body></html>\n`
  return retryAfterSeconds === undefined ? { status, html } : { status, html, retryAfterSeconds }
}

function contactLine(contact: string | null): string {
  if (contact === null || contact === '') return ''
  const shown = escapeHtml(contact)
  if (/^[^\s@<>"]+@[^\s@<>"]+$/.test(contact)) return `<p>Contact: <a href="mailto:${shown}">${shown}</a></p>`
  return /^https?:\/\//.test(contact) ? `<p>Contact: <a href="${shown}">${shown}</a></p>` : `<p>Contact: ${shown}</p>`
}

/** Why somebody is shown the page that stands in place of a current service. */
export interface Holding {
  why: 'not-open' | 'halted' | 'down'
  /** Can people ask for a place? Not where everybody has one. */
  hasWaiting: boolean
}

/** P4: it says what is so: not open to this person, closed by a halt, or not answering. */
export function holdingPageOf({ name, contact }: PageService, { why, hasWaiting }: Holding): Page {
  const waiting = '<p><a href="/.phasegate/waiting">Ask to be told when you can use it</a></p>'
  const after = `${hasWaiting && why !== 'down' ? waiting : ''}${contactLine(contact)}`
  if (why === 'halted') {
    const said = '<p>The team has closed it for the moment. It opens again at this address.</p>'
    return page(503, `${name} is closed for now`, `${said}${after}`, 300)
  }
  if (why === 'down') {
    const said = '<p>It does not answer at the moment. Nothing was sent. Try again in a few minutes.</p>'
    return page(503, `${name} is not available`, `${said}${after}`, 60)
  }
  return page(
    503,
    `${name}: not open to everyone yet`,
    `<p>We are trying this service with a limited number of people first. There is no older version to send you to.</p>
${after}`,
    3600,
  )
}

/** GW-20. Where there is no current service, there is none to start again with. */
export function closedForNow({ name, contact }: PageService, hasCurrent: boolean): Page {
  if (!hasCurrent) {
    const said = `<p>${escapeHtml(name)} was closed while you were using it. It opens again at this address.</p>`
    return page(
      503,
      'Closed for now',
      `${said}<p><strong>What you entered was not sent.</strong></p>${contactLine(contact)}`,
      60,
    )
  }
  return page(
    503,
    'Closed for now',
    `<p>The new version of ${escapeHtml(name)} was closed while you were using it.</p>
<p><strong>Your answers were not sent.</strong></p>
<p><a href="/">Start again with the service that is open</a></p>${contactLine(contact)}`,
    60,
  )
}

export function unavailable({ name, contact }: PageService): Page {
  return page(
    502,
    'Sorry, the service is not available',
    `<p>${escapeHtml(name)} does not answer at the moment. Nothing was sent.</p><p>Try again in a few minutes.</p>
${contactLine(contact)}`,
    30,
  )
}

export function cannotTell({ name, contact }: PageService): Page {
  return page(
    502,
    'Sorry, something went wrong',
    `<p>We sent what you entered to ${escapeHtml(name)}, but no answer came back.
<strong>We can’t tell whether it arrived.</strong></p>
<p>Check whether it was received before you send it again.</p>${contactLine(contact)}`,
  )
}

export function full(): Page {
  return page(
    503,
    'There are too many people here just now',
    '<p>Nothing was sent. Wait a few seconds, then try again.</p>',
    5,
  )
}

export function badRequest(): Page {
  return page(400, 'This request can’t be read', '<p>Check the address that you typed, or go back and try again.</p>')
}

export function noServiceHere(): Page {
  return page(404, 'There is no service at this address', '<p>Check the address that you typed.</p>')
}

export function notFromHere(): Page {
  return page(403, 'Go to the service’s own page to do this', '<p>This was sent from another website.</p>')
}

export function tooLarge(): Page {
  return page(413, 'That is too long', '<p>Go back, shorten what you wrote and send it again.</p>')
}

export function controlPlaneAway({ name, contact }: PageService): Page {
  return page(
    503,
    'This page is not available at the moment',
    `<p>You can go on using ${escapeHtml(name)}. Try this page again in a few minutes.</p>${contactLine(contact)}`,
    30,
  )
}

export function notOpen({ name, contact }: PageService): Page {
  return page(
    409,
    'The new service is not open to join',
    `<p>${escapeHtml(name)} can’t take more people at the moment.</p>
<p><a href="/.phasegate/waiting">Ask to be told when you can use it</a> or <a href="/">go on with the current service</a>.</p>
${contactLine(contact)}`,
  )
}

/** For people who opened the address of a button: the same acts, as buttons. A new service that replaces nothing leaves no choice. */
export function choicePage({ name, contact }: PageService, hasCurrent: boolean): Page {
  const words = hasCurrent
    ? ['Choose which version to use', 'has a current version, and a new one that some people try first']
    : ['Use the new version, or leave', 'is new, and some people try it first']
  const current = hasCurrent ? '\n<p><button name="arm" value="current">Use the current service</button></p>' : ''
  return page(
    200,
    words[0] ?? '',
    `<p>${escapeHtml(name)} ${words[1]}.</p>
<form method="post" action="/.phasegate/choice"><input type="hidden" name="return" value="/">${current}
<p><button name="arm" value="new">Use the new service, if I have access</button></p></form>
<form method="post" action="/.phasegate/leave"><input type="hidden" name="return" value="/">
<p><button>Leave the beta for good</button></p></form>${contactLine(contact)}`,
  )
}
