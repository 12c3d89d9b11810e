import type { MailMessage } from '../../platform/index.ts'
import type { Service } from '../../services/index.ts'
import { day } from '../mails.ts'

export function accountMail(to: {
  service: Service
  account: string
  people: number | null
  address: string
  link: string
  expiresAt: Date
}): MailMessage {
  const { service, account, people, address, link, expiresAt } = to
  const whom =
    people === null
      ? `Everybody at ${account} can use it`
      : people === 1
        ? `One person at ${account} can use it: who opens it first has the place`
        : `${people} people at ${account} can use it: the first ${people} who open it have the places`
  return {
    to: address,
    subject: `${account} is invited to try the new version of “${service.name}”`,
    text: `We are building a new version of “${service.name}” and would like you and your colleagues to use it before everyone else does.

${link}

${whom}. Please pass it on within ${account} only. It works until ${day(expiresAt, service.timeZone)}.

The page says what it means to take part, before anybody decides.
`,
  }
}
