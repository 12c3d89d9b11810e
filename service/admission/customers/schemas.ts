import { z } from 'zod'
import { emailAddress, webOrigin, webOrigins } from '../../platform/index.ts'

const given = (value: unknown): unknown => (typeof value === 'string' && value.trim() === '' ? undefined : value)
const people = z.preprocess(
  given,
  z.coerce
    .number('Enter a whole number, or leave it empty')
    .int('Enter a whole number, or leave it empty')
    .min(1, 'Enter 1 or more, or leave it empty')
    .max(1_000_000, 'Enter at most 1,000,000')
    .optional(),
)
export const accountBody = z.object({
  name: z
    .string({ error: 'Enter the name of the company' })
    .trim()
    .min(1, 'Enter the name of the company')
    .max(100, 'Use at most 100 characters'),
  address: emailAddress.describe('Who passes the link on'),
  people: people.describe('How many of its people; all of them where it is left out'),
})
export const linkBody = z.object({ address: emailAddress.describe('Who passes the new link on') })

export const returnBody = z.object({
  origins: z.array(webOrigin).max(20),
  address: z
    .preprocess(given, z.url('Enter an address that begins with https://').max(2000).optional())
    .describe('Where people go unless their link says otherwise'),
})
/** On the page beside a form with an address of its own. */
export const returnForm = z.object({
  origins: webOrigins,
  returnTo: returnBody.shape.address,
})

export const redeemBody = z.object({
  claim: z.string().min(1).max(500),
  returnTo: z.string().min(1).max(2000).describe('The address to which the claim was brought, without the claim'),
  user: z.string().trim().min(1).max(256).describe('Your own id of the person, as you ask for decisions'),
  account: z
    .object({ id: z.string().trim().min(1).max(200), name: z.string().trim().min(1).max(100).optional() })
    .optional()
    .describe('Your own id of the customer account'),
})
