import type { MailMessage } from '../../platform/index.ts'
import type { Service } from '../../services/index.ts'
import { offerOfService } from '../offer.ts'
import { requestHours } from './code.ts'

export function codeMail({ service, address, link }: { service: Service; address: string; link: string }): MailMessage {
  const { thing } = offerOfService(service)
  return {
    to: address,
    subject: `Your way into ${thing}`,
    text: `Somebody, probably you, used a code for ${thing} with this address.

Open this page to take part. It says what that means, and the link works for ${requestHours} hours:

${link}

If it was not you, or you do not want to take part, do nothing: without your yes nothing is kept.
`,
  }
}
