/** A customer organisation of a product: caps and invitations may count these in place of people. */
export interface Customer {
  id: string
  name: string
  /** The application's own id; null until it told. */
  externalId: string | null
  /** How many of its people may come in; null for all. */
  people: number | null
  /** How many are in. */
  taken: number
  madeAt: Date
  madeBy: string
  link: 'none' | 'open' | 'expired' | 'revoked'
  expiresAt: Date | null
}

/** Where people may be sent back to after they accepted. */
export interface ReturnSetting {
  origins: string[]
  /** Where they go unless their link says otherwise; null for where the service begins. */
  address: string | null
}

export const accountLinkDays = 30
/** ADM-61: long enough for a redirect, and for an application that is slow to answer. */
export const claimMinutes = 10
