/** Opening in steps: each with its audience, size, guardrails, least time and question, and its answer at the end. */
export { rolloutsJobs } from './jobs.ts'
export { rolloutsRoutes } from './routes.ts'
export { rolloutsSignals } from './signals.ts'
