/** What people say about a service: taken in, read, decided about. */
export { armNames, kindNames, ratingNames, stateNames, type Feedback, type FeedbackState } from './feedback.ts'
export { receive } from './intake.ts'
export { feedbackPersonalData } from './personal-data-store.ts'
export { countOfKind, feedbackSummary, latestFeedback, ratingDays, type FeedbackSummary } from './reads.ts'
export { feedbackRoutes } from './routes.ts'
export { feedbackSignals } from './signals.ts'
