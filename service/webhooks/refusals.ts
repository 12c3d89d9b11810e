import type { RefusalTexts } from '../platform/index.ts'

export const webhooksRefusals = {
  'webhook-does-not-fit': {
    status: 422,
    title: 'The webhook can’t be stored as it is: {why}',
    whatToDo: 'Correct it and send it again. Addresses inside your network are allowed by OUTGOING_ALLOW.',
  },
  'webhook-not-active': {
    status: 409,
    title: 'The webhook is paused or failing',
    whatToDo: 'Let it go on first: then what waits is sent.',
  },
} as const satisfies RefusalTexts

declare module '../platform/refusal.ts' {
  interface Refusals {
    webhooks: typeof webhooksRefusals
  }
}
