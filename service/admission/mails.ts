import { longDateWords, type MailMessage } from '../platform/index.ts'
import { isProduct, type Service } from '../services/index.ts'
import { offerOfService } from './offer.ts'

interface Invited {
  service: Service
  address: string
  link: string
  expiresAt: Date
  /** More people are invited than there are places. */
  limited: boolean
}

export function invitationMail({ service, address, link, expiresAt, limited }: Invited): MailMessage {
  const until = longDateWords(expiresAt, service.timeZone)
  const place = limited
    ? `Places are limited: they go to those who accept first. The link works until ${until}.`
    : `A place is kept for you until ${until}.`
  const back =
    service.currentUrl === null
      ? 'You can leave at any time.'
      : 'You can go back to the current service at any time, from any page.'
  const offer = offerOfService(service)
  const effect = isProduct(service) ? '' : ' Taking part has no effect on what you apply for.'
  const help = service.contact === '' ? '' : `\nNeed help? ${service.contact}\n`
  return {
    to: address,
    subject: `You are invited to try ${offer.thing}`,
    text: `${offer.says()}

${link}

The page says what it means to take part, before you decide. ${place}

${back}${effect}

This invitation is for you: please do not pass it on.

You do not want to take part? Say no here, and we do not invite you again:

${link}/decline
${help}`,
    stop: `${link}/decline`,
  }
}

export function newLinkMail({
  service,
  address,
  link,
}: {
  service: Service
  address: string
  link: string
}): MailMessage {
  const { thing } = offerOfService(service)
  return {
    to: address,
    subject: `Your new link to “${service.name}”`,
    text: `You asked for a new link to ${thing}. The one before it no longer works.

${link}

If you did not ask for it, you can ignore this mail: nothing changes until somebody opens the link and goes on.
`,
  }
}
