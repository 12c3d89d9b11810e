export { createWebhooks, type Webhooks } from './outbox.ts'
export { newWebhookSecret, resealWebhooks } from './secrets.ts'
export {
  countMessages,
  deleteWebhook,
  findWebhook,
  forgetMessages,
  hurry,
  insertMessage,
  insertWebhook,
  messagesOf,
  renewSecret,
  sendAgain,
  setWebhookState,
  updateWebhook,
  webhooksOf,
} from './store.ts'
export type { Webhook, WebhookAttempt, WebhookEvent, WebhookKind, WebhookMessage } from './webhooks.ts'
