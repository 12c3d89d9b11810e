export { createWebhooks, type Webhooks } from './outbox.ts'
export { keptAddress, newWebhookSecret, resealWebhooks } from './secrets.ts'
export {
  countMessages,
  deleteWebhook,
  findWebhook,
  forgetMessages,
  forgetMessagesAbout,
  hurry,
  insertMessages,
  insertWebhook,
  messagesOf,
  moveWebhook,
  renewSecret,
  sendAgain,
  setWebhookState,
  updateWebhook,
  webhooksOf,
} from './store.ts'
export type { Webhook, WebhookAttempt, WebhookEvent, WebhookKind, WebhookMessage } from './webhooks.ts'
