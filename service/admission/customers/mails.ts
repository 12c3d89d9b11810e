import { longDateWords, type MailMessage } from '../../platform/index.ts'
import type { Service } from '../../services/index.ts'
import type { Customer } from './customers.ts'

export function accountMail(to: {
  service: Service
  account: Pick<Customer, 'name' | 'people'>
  address: string
  link: string
  /** The contact's own. */
  stop: string
  expiresAt: Date
}): MailMessage {
  const { service, account, address, link, stop, expiresAt } = to
  const { name, people } = account
  const help = service.contact === '' ? '' : `\nNeed help? ${service.contact}\n`
  const whom =
    people === null
      ? `Everybody at ${name} can use it`
      : people === 1
        ? `One person at ${name} can use it: who opens it first has the place`
        : `${people} people at ${name} can use it: the first ${people} who open it have the places`
  return {
    to: address,
    subject: `${name} is invited to try the new version of “${service.name}”`,
    text: `We are building a new version of “${service.name}” and would like you and your colleagues to use it before everyone else does.

${link}

${whom}. Please pass it on to nobody else. It works until ${longDateWords(expiresAt, service.timeZone)}.

The page says what it means to take part, before anybody decides.

You do not want to pass it on, or to get mails like this one? Say so here, and we do not write to you again:

${stop}
${help}`,
    stop,
  }
}
