export { webhookEvents } from './events.ts'
export { webhooksJobs } from './jobs.ts'
export { webhooksRoutes } from './routes.ts'
