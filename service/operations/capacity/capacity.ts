/** OPS-7: how many requests a second are expected at the peak, and what that rests on. */
export interface PeakForecast {
  perSecond: number
  basis: string
  at: Date
  by: string
}

export interface LoadTest {
  id: string
  /** Of the run: told twice, it is one. */
  reference: string
  /** A calendar day, such as 2026-11-20. */
  ranOn: string
  /** Requests a second that it reached and held. */
  reached: number
  requests: number
  failed: number
  /** 95 of 100 answers took no longer. */
  p95Ms: number
  link: string | null
  note: string
  recordedAt: Date
  recordedBy: string
}

/** OPS-8: as counted in the team's own tracker. */
export interface SevereDefects {
  open: number
  source: string
  at: Date
  by: string
}

/** The newest first. */
export interface Capacity {
  forecasts: PeakForecast[]
  loadTests: LoadTest[]
  severeDefects: SevereDefects[]
}
