import type { FastifyRequest } from 'fastify'
import { haltedBar, html, publicPage, type Html } from '../html/index.ts'

interface ErrorParts {
  title: string
  text: string
  code?: string
  /** What holds all the same. */
  notice?: string | null
}

/** Says what went wrong and what to do. Behind a gateway it stands on the service's own host, under its paths. */
export function errorPage(request: FastifyRequest, parts: ErrorParts): Html {
  const isBehindGateway = request.url.startsWith('/edge/')
  const isLost = isBehindGateway && parts.code === 'not-found'
  return publicPage(
    {
      title: parts.title,
      serviceName: isBehindGateway ? 'Back to the service' : 'Phasegate',
      footerName: isBehindGateway ? '' : undefined,
      serviceUrl: '/',
      phaseLabel: null,
      base: isBehindGateway ? '/.phasegate' : '',
    },
    html`${parts.notice && haltedBar(parts.notice)}
      <h1 class="govuk-heading-l">${parts.title}</h1>
      <p class="govuk-body">${isLost ? 'Check the address, or go back to the service.' : parts.text}</p>
      ${isSignInOver(parts) && html`<p class="govuk-body"><a class="govuk-link" href="/sign-in">Go to the sign-in page</a></p>`}
      <p class="govuk-body pg-meta">Reference for support: ${request.id}</p>`,
  )
}

/** What to do stands on another page. */
function isSignInOver({ code }: ErrorParts): boolean {
  return code === 'link-used' || code === 'link-expired'
}
