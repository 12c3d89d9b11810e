/** What the example's team expected at the peak, tried, and counted before the gate. */
export const forecast = {
  perSecond: 18,
  basis: 'Ten times the busiest Monday of last year, when the yearly permits end.',
  daysAgo: 30,
}

export const loadTests = [
  {
    ...{ reference: 'Load test 1', reached: 11.5, requests: 20_700, failed: 212, p95Ms: 1_840, daysAgo: 29 },
    note: 'The address register was asked twice for each page.',
  },
  {
    ...{ reference: 'Load test 2', reached: 18.4, requests: 33_120, failed: 9, p95Ms: 400, daysAgo: 16 },
    note: 'On a copy of the service, with its answers of the register stored for an hour.',
  },
] as const

export const severeDefects = [
  { open: 1, source: 'Tracker of the team, label “severe”: an error page after the register timed out', daysAgo: 27 },
  { open: 0, source: 'Tracker of the team, label “severe”', daysAgo: 3 },
] as const
