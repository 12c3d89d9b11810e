export { kpiSources, type KpiSource } from './check-store.ts'
export { endingsServed, pagesServed, type EndingServed, type PageServed } from './asked-reads.ts'
export type { Comparison, Difference, Facts, Figure, FigureReading } from './figures.ts'
export { measuresJobs } from './jobs.ts'
export { journeyReport, type JourneyReport } from './journeys.ts'
export { kpis, type Kpi } from './kpis.ts'
export type { Audience, MeasuredArm, Outcome, Period } from './measures.ts'
export { measuresPersonalData } from './personal-data-store.ts'
export { comparisonTable, figureStrip } from './pages/parts.ts'
export { atLeast, realUse, type RealUse } from './people.ts'
export { recordRating, type Rating } from './rating-store.ts'
export { sources, startsSince, visitorsByDay, type Source, usesOf } from './reads.ts'
export {
  figureOfEach,
  kpiReport,
  measuresSummary,
  type KpiReport,
  type MeasuresSummary,
  type TrendPoint,
} from './report.ts'
export { measuresRoutes } from './routes.ts'
export { setupSeen, type SetupSeen } from './setup-reads.ts'
export { measuresSignals } from './signals.ts'
export { trafficBetween, type ArmTraffic } from './traffic-reads.ts'
export { daysOfFlag, type FlagDay } from './flag-reads.ts'
export { satisfactionInForce } from './satisfaction.ts'
export { usesOfFlag } from './uses-reads.ts'
export { periodWords } from './words.ts'
export { lastDays, upToNow } from './time.ts'
