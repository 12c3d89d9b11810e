import { longDateWords, type MailMessage } from '../../platform/index.ts'
import type { Service } from '../../services/index.ts'
import { offerOfService } from '../offer.ts'
import type { Customer } from './customers.ts'

export function accountMail(to: {
  service: Service
  account: Pick<Customer, 'name' | 'people' | 'taken'>
  address: string
  link: string
  /** The contact's own. */
  stop: string
  expiresAt: Date
}): MailMessage {
  const { service, account, address, link, stop, expiresAt } = to
  const { name, people, taken } = account
  const offer = offerOfService(service)
  const help = service.contact === '' ? '' : `\nNeed help? ${service.contact}\n`
  const left = people === null ? null : Math.max(0, people - taken)
  const more = taken > 0 ? ' more' : ''
  const whom =
    left === null
      ? `Everybody at ${name} can use the link`
      : left === 0
        ? `Every place of ${name} is taken: the link lets in somebody else only when one is free again`
        : left === 1
          ? `One${more} person at ${name} can use the link: who takes part first has the place`
          : `${left}${more} people at ${name} can use the link: the first ${left} who take part have the places`
  return {
    to: address,
    subject: `${name} is invited to try ${offer.thing}`,
    text: `${offer.says('you and your colleagues')}

${link}

${whom}. Please pass it on to nobody else. It works until ${longDateWords(expiresAt, service.timeZone)}.

The page says what it means to take part, before anybody decides.

You do not want to pass it on, or to get mails like this one? Say so here, and we do not write to you again:

${stop}
${help}`,
    stop,
  }
}
