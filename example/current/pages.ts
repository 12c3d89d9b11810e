import { months, priceInPounds, zoneOf } from '../rules.ts'
import type { Answers, Months } from '../rules.ts'
import { html, nothing } from '../web.ts'
import type { Markup } from '../web.ts'

function layout(title: string, content: Markup): string {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title} : RPP On-Line : Example Council</title>
        <link rel="stylesheet" href="/rpp/style.css" />
      </head>
      <body>
        <header id="banner">
          <p class="council">EXAMPLE COUNCIL</p>
          <p class="system">Resident Parking Permit On-Line Application System (RPP)</p>
        </header>
        <div id="columns">
          <nav id="menu" aria-label="Sections">
            <ul>
              <li><a href="/rpp/Welcome.do">RPP Home</a></li>
              <li><a href="/rpp/Conditions.do">Conditions of Issue</a></li>
            </ul>
          </nav>
          <main id="main">${content}</main>
        </div>
        <footer id="foot">
          <p>Form RP1 rev. 14. A made-up service of a made-up council. Nothing entered is kept.</p>
        </footer>
      </body>
    </html> `.text
}

export function welcome(): string {
  return layout(
    'Welcome',
    html`<h1>Resident Parking Permit (RPP) – On-Line Application</h1>
      <p>
        Applicants wishing to make application for the issue of a Resident Parking Permit pursuant to the Council's
        Controlled Parking Zone (CPZ) scheme may do so by means of this facility.
      </p>
      <p>
        Applicants are advised to ensure that the Vehicle Registration Mark (VRM) and particulars of abode are to hand
        prior to commencement. Eligibility is determined upon completion of Part C.
      </p>
      <p><a class="button" href="/rpp/Conditions.do">Proceed to Conditions of Issue</a></p>
      <p class="small">
        For trial: abode ZX1 4TB is within a CPZ, ZX8 1AA is not, and ZX1 9ZZ causes a system fault.
      </p>`,
  )
}

export function conditions(problem?: string): string {
  return form({
    title: 'Conditions of Issue',
    name: 'Conditions',
    field: 'accept',
    problem,
    button: 'Proceed to Part A',
    content: html`<ol>
        <li>The Permit remains the property of the Council at all times.</li>
        <li>Issue of a Permit confers no entitlement to a parking place.</li>
        <li>One Permit shall be issued in respect of each VRM.</li>
        <li>The Council may revoke any Permit where particulars are found to be inaccurate.</li>
        <li>No refund shall be made in respect of any unexpired period of less than one month.</li>
      </ol>
      ${said(problem)}
      <p class="tick">
        <input
          type="checkbox"
          id="accept"
          name="accept"
          value="Y"
          ${problem ? html` aria-describedby="problem"` : nothing}
        />
        <label for="accept">I have read and accept the Conditions of Issue</label>
      </p>`,
  })
}

export function vehicle(typed: string, problem?: string): string {
  return form({
    title: 'Part A: Vehicle Particulars',
    name: 'Vehicle',
    field: 'vrm',
    problem,
    button: 'Proceed to Part B',
    content: html`<p><label for="vrm">VRM of vehicle</label></p>
      ${said(problem)}
      <p>
        <input
          type="text"
          id="vrm"
          name="vrm"
          maxlength="20"
          autocomplete="off"
          value="${typed}"
          ${described(problem)}
        />
      </p>`,
  })
}

export function tariff(chosen: Months | null, problem?: string): string {
  const options = months.map(
    (choice) =>
      html`<option value="${choice}" ${choice === chosen ? html` selected` : nothing}>
        T${choice}/R – GBP ${priceInPounds[choice]}.00
      </option>`,
  )
  return form({
    title: 'Part B: Tariff',
    name: 'Tariff',
    field: 'tariff',
    problem,
    button: 'Proceed to Part C',
    content: html`<p><label for="tariff">Tariff code applicable</label></p>
      <p class="small">The figure following T denotes the number of months.</p>
      ${said(problem)}
      <p>
        <select id="tariff" name="tariff" ${described(problem)}>
          <option value="">-- Select --</option>
          ${options}
        </select>
      </p>`,
  })
}

export function abode(typed: string, problem?: string): string {
  return form({
    title: 'Part C: Particulars of Abode',
    name: 'Abode',
    field: 'postcode',
    problem,
    button: 'Determine eligibility',
    content: html`<p><label for="postcode">Postcode of principal abode</label></p>
      ${said(problem)}
      <p>
        <input
          type="text"
          id="postcode"
          name="postcode"
          maxlength="12"
          autocomplete="postal-code"
          value="${typed}"
          ${described(problem)}
        />
      </p>`,
  })
}

export function verify(answers: Required<Omit<Answers, 'reference'>>): string {
  return form({
    title: 'Verification of Particulars',
    name: 'Verify',
    field: '',
    problem: undefined,
    button: 'Submit application',
    content: html`<table>
        <caption>
          Particulars as entered
        </caption>
        <tr>
          <th scope="row">VRM</th>
          <td>${answers.registration}</td>
        </tr>
        <tr>
          <th scope="row">Tariff</th>
          <td>T${answers.months}/R, GBP ${priceInPounds[answers.months]}.00</td>
        </tr>
        <tr>
          <th scope="row">Abode</th>
          <td>${answers.postcode} (CPZ ${zoneOf(answers.postcode)})</td>
        </tr>
      </table>
      <p class="small">Should any particular be incorrect, recommence from <a href="/rpp/Vehicle.do">Part A</a>.</p>`,
  })
}

export function receipt(reference: string): string {
  return layout(
    'Receipt',
    html`<h1>Application Received</h1>
      <p class="ok">Your application has been lodged under reference <strong>${reference}</strong>.</p>
      <p>The Permit shall be despatched by post within 10 working days and must be displayed at all times.</p>
      <p><a href="/rpp/Welcome.do">Return to RPP Home</a></p>`,
  )
}

export function declined(): string {
  return layout(
    'Application Declined',
    html`<h1>Application Declined</h1>
      <p>The abode stated does not lie within a CPZ. No Permit can be issued (RP1 s. 4.2).</p>
      <p>Enquiries: 01632 960 001, Monday to Friday, 9am to 5pm.</p>
      <p><a href="/rpp/Welcome.do">Return to RPP Home</a></p>`,
  )
}

export function fault(): string {
  return layout(
    'System Fault',
    html`<h1>System Fault</h1>
      <p>The transaction could not be processed (code RPP-0417). Particulars entered may not have been retained.</p>
      <p>Please re-attempt later, or telephone 01632 960 001.</p>
      <p><a href="/rpp/Welcome.do">Return to RPP Home</a></p>`,
  )
}

interface Form {
  title: string
  name: string
  field: string
  problem: string | undefined
  button: string
  content: Markup
}

function form({ title, name, field, problem, button, content }: Form): string {
  const summary = html`<div class="problems" role="alert">
    <h2>The form contains an error</h2>
    <p><a href="#${field}">${problem ?? ''}</a></p>
  </div>`
  return layout(
    problem ? `Error: ${title}` : title,
    html`<h1>${title}</h1>
      ${problem ? summary : nothing}
      <form method="post" action="/rpp/${name}.do" novalidate>
        ${content}
        <p><button class="button" type="submit">${button}</button></p>
      </form>`,
  )
}

function said(problem?: string): Markup {
  return problem ? html`<p class="problem" id="problem">Error: ${problem}</p>` : nothing
}

function described(problem?: string): Markup {
  return problem ? html` aria-describedby="problem" aria-invalid="true"` : nothing
}
