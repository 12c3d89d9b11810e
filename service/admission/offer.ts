import { isProduct, type Service } from '../services/index.ts'

/** What people are asked to try, in the words of each page and mail that asks them. */
export interface Offer {
  /** “the new version of “Permits””, after a verb. */
  thing: string
  title: string
  /** Why they are asked, in a mail; `whom` takes part, such as “you and your colleagues”. */
  says(whom?: string): string
  /** The same below the title, which names the service. */
  saysHere: string
}

/** GATE-25: of a product everybody has the present version, so what is offered before others is something new in it. */
export function offerOf({ name, isProduct: isInUse }: { name: string; isProduct: boolean }): Offer {
  const thing = isInUse ? `what is new in “${name}”` : `the new version of “${name}”`
  const reason = (ofWhat: string, whom: string): string =>
    isInUse
      ? `We are trying new things${ofWhat} and would like ${whom} to use them before everyone else does.`
      : `We are building a new version${ofWhat} and would like ${whom} to use it before everyone else does.`
  return {
    thing,
    title: `Try ${thing}`,
    says: (whom = 'you') => reason(` ${isInUse ? 'in' : 'of'} “${name}”`, whom),
    saysHere: reason('', 'you'),
  }
}

export const offerOfService = (service: Service): Offer =>
  offerOf({ name: service.name, isProduct: isProduct(service) })
