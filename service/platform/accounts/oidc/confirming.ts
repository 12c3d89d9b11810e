import { confirmationMinutes, type ConfirmationMethod } from '../confirmation.ts'
import { confirmByIssuerFields } from './pages.ts'
import { identitiesOf, takeConfirmation } from './store.ts'

const field = 'confirm-issuer'

/**
 * ACC-26: the issuer asks the person again, in a page of its own, so that what was typed here stays. Coming back from there
 * says nothing by itself: the answer is kept for this session, and used up by the form that asked for it.
 */
export function issuerMethod(issuerName: string): ConfirmationMethod {
  return {
    id: 'issuer',
    async offer(ctx, person) {
      const identities = await identitiesOf(ctx.db, person.accountId)
      if (!identities.some(({ issuer }) => issuer === ctx.config.oidc?.issuer)) return null
      return { fields: confirmByIssuerFields(issuerName, field), button: 'I have done that' }
    },
    async check(ctx, person) {
      const since = new Date(ctx.clock.now().getTime() - confirmationMinutes * 60_000)
      const isShown = await takeConfirmation(ctx.db, person.sessionId, since)
      return isShown ? [] : [{ field, message: `Sign in with ${issuerName} first, then come back to this page` }]
    },
  }
}
