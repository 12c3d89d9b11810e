export { recordRating, type Rating } from './ratings.ts'
export type { Audience, MeasuredArm, Outcome, Period } from './measures.ts'
export { measuresRoutes } from './routes.ts'
