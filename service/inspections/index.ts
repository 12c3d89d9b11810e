/** The service seen from outside: what would break behind a gateway, and whether people see the label of the phase. */
export { bannerIn, bannerOn, type BannerSeen } from './banner.ts'
export { breaksSomething, examine, type DoctorOptions, type Examination } from './doctor/doctor.ts'
export type { Finding, Severity } from './doctor/finding.ts'
export { inspectionsJobs, probeBanners, type WayIn } from './probe.ts'
export { inspectionsRoutes } from './routes.ts'
export { inspectionsSignals } from './signals.ts'
export { bannerProbes, type BannerProbe } from './store.ts'
