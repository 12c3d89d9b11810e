import { months, priceInPounds, zoneOf } from '../rules.ts'
import type { Answers, Months } from '../rules.ts'
import { html, nothing } from '../web.ts'
import type { Markup } from '../web.ts'

const serviceName = 'Apply for a resident parking permit'

function layout(title: string, content: Markup, back?: string): string {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title} – Example Council</title>
        <link rel="stylesheet" href="/parking-permit/style.css" />
      </head>
      <body>
        <a class="skip" href="#content">Skip to main content</a>
        <header class="top">
          <div class="width">
            <span class="council">Example Council</span> <a class="service" href="/parking-permit">Parking permits</a>
          </div>
        </header>
        <div class="width">
          ${back === undefined ? nothing : html`<nav aria-label="Back"><a class="back" href="${back}">Back</a></nav>`}
          <main id="content">${content}</main>
        </div>
        <footer class="width foot"><p>A made-up service of a made-up council. Nothing you enter is kept.</p></footer>
      </body>
    </html> `.text
}

export function start(): string {
  return layout(
    serviceName,
    html`<h1>${serviceName}</h1>
      <p class="lead">Park on your own street if you live in the Harbour, Market or Station zone.</p>
      <p>You will need:</p>
      <ul>
        <li>your postcode</li>
        <li>the registration number of your vehicle</li>
      </ul>
      <p>It takes about 2 minutes. A permit costs from £${priceInPounds[3]}.</p>
      <p><a class="button" href="/parking-permit/address">Start now</a></p>
      <aside class="note" aria-labelledby="try">
        <h2 id="try">Trying it out?</h2>
        <p>
          Use ZX1 4TB to get a permit, ZX8 1AA to be told that you cannot have one, and ZX1 9ZZ to see what happens when
          something breaks.
        </p>
      </aside>`,
  )
}

export function address(typed: string, problem?: string): string {
  return question({
    title: 'What is your postcode?',
    back: '/parking-permit',
    action: '/parking-permit/address',
    field: 'postcode',
    problem,
    content: html`<h1><label for="postcode">What is your postcode?</label></h1>
      <p class="hint" id="hint">We use it to find your parking zone.</p>
      ${said(problem)}
      <input
        class="short"
        id="postcode"
        name="postcode"
        type="text"
        maxlength="12"
        autocomplete="postal-code"
        value="${typed}"
        ${describedBy(problem)}
      />`,
  })
}

export function vehicle(typed: string, problem?: string): string {
  return question({
    title: 'What is your registration number?',
    back: '/parking-permit/address',
    action: '/parking-permit/vehicle',
    field: 'registration',
    problem,
    content: html`<h1><label for="registration">What is your registration number?</label></h1>
      <p class="hint" id="hint">The number plate of the vehicle, like AB12 CDE.</p>
      ${said(problem)}
      <input
        class="short"
        id="registration"
        name="registration"
        type="text"
        maxlength="20"
        autocomplete="off"
        spellcheck="false"
        value="${typed}"
        ${describedBy(problem)}
      />`,
  })
}

export function length(chosen: Months | null, problem?: string): string {
  const choices = months.map(
    (choice, index) =>
      html`<div class="choice">
        <input
          type="radio"
          id="${index === 0 ? 'months' : `months-${choice}`}"
          name="months"
          value="${choice}"
          ${choice === chosen ? html` checked` : nothing}
        />
        <label for="${index === 0 ? 'months' : `months-${choice}`}"
          >${choice} months <span class="price">£${priceInPounds[choice]}</span></label
        >
      </div>`,
  )
  return question({
    title: 'How long do you need the permit for?',
    back: '/parking-permit/vehicle',
    action: '/parking-permit/length',
    field: 'months',
    problem,
    content: html`<fieldset${problem ? html` aria-describedby="problem"` : nothing}>
<legend><h1>How long do you need the permit for?</h1></legend>
${said(problem)}
${choices}
</fieldset>`,
  })
}

export function check(answers: Required<Omit<Answers, 'reference'>>): string {
  return layout(
    'Check your answers',
    html`<h1>Check your answers</h1>
      <dl class="answers">
        ${row('Postcode', html`${answers.postcode}<br />${zoneOf(answers.postcode)} zone`, 'address', 'postcode')}
        ${row('Registration number', html`${answers.registration}`, 'vehicle', 'registration number')}
        ${row('Length', html`${answers.months} months`, 'length', 'length of the permit')}
        <div>
          <dt>Cost</dt>
          <dd>£${priceInPounds[answers.months]}</dd>
        </div>
      </dl>
      <form method="post" action="/parking-permit/check" novalidate>
        <button class="button" type="submit">Send application</button>
      </form>`,
    '/parking-permit/length',
  )
}

export function done(reference: string): string {
  return layout(
    'Application sent',
    html`<div class="success">
        <h1>Application sent</h1>
        <p>Your reference number<br /><strong>${reference}</strong></p>
      </div>
      <h2>What happens next</h2>
      <p>Your permit starts tomorrow. Our wardens check number plates, so there is nothing to print or display.</p>
      <p><a href="/parking-permit">Apply for another vehicle</a></p>`,
  )
}

export function notEligible(): string {
  return layout(
    'You cannot have a resident permit',
    html`<h1>You cannot have a resident permit</h1>
      <p>Your address is outside our parking zones. You can park on your street without a permit.</p>
      <p>If you think that this is wrong, call 01632 960 001. Lines are open Monday to Friday, 9am to 5pm.</p>
      <p><a href="/parking-permit/address">Check a different postcode</a></p>`,
  )
}

export function problem(): string {
  return layout(
    'Sorry, there is a problem with the service',
    html`<h1>Sorry, there is a problem with the service</h1>
      <p>We could not look up your address. We have kept your other answers.</p>
      <p><a href="/parking-permit/address">Try again</a>, or call 01632 960 001 to apply by phone.</p>`,
  )
}

export function notFound(): string {
  return layout(
    'Page not found',
    html`<h1>Page not found</h1>
      <p><a href="/parking-permit">Go to the start of ${serviceName.toLowerCase()}</a>.</p>`,
  )
}

interface Question {
  title: string
  back: string
  action: string
  field: string
  problem: string | undefined
  content: Markup
}

function question({ title, back, action, field, problem, content }: Question): string {
  const summary = html`<div class="problems" role="alert" aria-labelledby="problems">
    <h2 id="problems">There is a problem</h2>
    <ul>
      <li><a href="#${field}">${problem ?? ''}</a></li>
    </ul>
  </div>`
  return layout(
    problem ? `Error: ${title}` : title,
    html`${problem ? summary : nothing}
      <form method="post" action="${action}" novalidate>
        <div class="group${problem ? ' wrong' : ''}">${content}</div>
        <button class="button" type="submit">Continue</button>
      </form>`,
    back,
  )
}

function said(problem?: string): Markup {
  return problem ? html`<p class="problem" id="problem"><span class="unseen">Error: </span>${problem}</p>` : nothing
}

function describedBy(problem?: string): Markup {
  return problem ? html`aria-describedby="hint problem" aria-invalid="true"` : html`aria-describedby="hint"`
}

function row(name: string, value: Markup, page: string, what: string): Markup {
  return html`<div>
    <dt>${name}</dt>
    <dd>${value}</dd>
    <dd class="change">
      <a href="/parking-permit/${page}">Change<span class="unseen"> ${what}</span></a>
    </dd>
  </div>`
}
