import { z } from 'zod'
import { webhookEvents } from './events.ts'

const types = webhookEvents.map(({ type }) => type)
/** One box ticked comes as a text, several as a list. */
const events = z.preprocess(
  (value) => (typeof value === 'string' ? [value] : (value ?? [])),
  z.array(z.enum(types, 'Choose from the list')).min(1, 'Choose at least one thing to be told of').max(100),
)
const description = z.string().trim().min(1, 'Enter what it is for, such as “Incident channel”').max(200)
const url = z
  .string()
  .trim()
  .max(2000)
  .refine(
    (value) => /^https?:\/\//i.test(value) && URL.canParse(value),
    'Enter the address to send to, starting with https://',
  )

export const newWebhookSchema = z.object({
  kind: z.enum(['standard', 'chat'], 'Choose who is told').default('standard'),
  url,
  description,
  events,
})
export type NewWebhook = z.output<typeof newWebhookSchema>

export const webhookFields = { url, description, events }
/** In a PATCH what is left out stays. */
export const webhookChangeSchema = z.object({
  url: url.optional(),
  description: description.optional(),
  events: z.array(z.enum(types)).min(1).max(100).optional(),
})
export type WebhookChange = z.output<typeof webhookChangeSchema>

export const acts = ['pause', 'resume', 'secret', 'test', 'replay', 'remove'] as const
export type WebhookAct = (typeof acts)[number]
