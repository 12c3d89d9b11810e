import { html, publicPage, type Html } from '../html/index.ts'

export function errorPage(parts: { title: string; text: string; requestId: string }): Html {
  return publicPage(
    { title: parts.title, serviceName: 'Phasegate', serviceUrl: '/', phaseLabel: null, base: '' },
    html`<h1 class="govuk-heading-l">${parts.title}</h1>
      <p class="govuk-body">${parts.text}</p>
      <p class="govuk-body pg-meta">Reference for support: ${parts.requestId}</p>`,
  )
}
