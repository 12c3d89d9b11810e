/** The stages of a feature: what is decided, asked, told and tried between two of its gates. */
export { askedOf, type Asked } from './asked.ts'
export { stagesRoutes } from './routes.ts'
export { stagesSignals } from './signals.ts'
