import type { MailMessage } from '../../platform/index.ts'
import type { Service } from '../../services/index.ts'
import { offerOfService } from '../offer.ts'
import { requestDays } from './waitlist.ts'

/** The same for an address that is known and for one that is not (ADM-40). */
export function confirmMail({
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
    subject: `Confirm that you want a place in “${service.name}”`,
    text: `Somebody, probably you, asked for a place to try ${thing} with this address.

Open this page and confirm it. The link works for ${requestDays} days:

${link}

Keep this mail: the same link shows you later how it stands, and takes you off the list whenever you like.

If it was not you, do nothing. Without the confirmation nothing is kept, and we do not write again.
`,
  }
}
