export interface Release {
  daysAgo: number
  version: string
  changes: string
  /** Days from the oldest change in it until people had it. */
  leadDays: number
  /** Of about 24 requests a minute afterwards, how many fail in the half hour. */
  failures: number
}

/** What the team of the example released in the beta: often, and once with a slip that it saw at once. */
export const releases: readonly Release[] = [
  { daysAgo: 45, version: '0.9.1', changes: 'Postcode accepts small letters and spaces', leadDays: 2, failures: 1 },
  {
    daysAgo: 41,
    version: '0.10.0',
    changes: 'The address comes first, so that nobody fills in a form in vain',
    leadDays: 4,
    failures: 2,
  },
  {
    daysAgo: 37,
    version: '0.11.0',
    changes: 'Says which papers are needed before the start',
    leadDays: 3,
    failures: 1,
  },
  { daysAgo: 33, version: '0.12.0', changes: 'Vehicle question asked once', leadDays: 3, failures: 0 },
  { daysAgo: 30, version: '0.12.1', changes: 'Error messages say what to do', leadDays: 1, failures: 1 },
  {
    daysAgo: 26,
    version: '0.13.0',
    changes: 'The address register is asked twice before it is an error',
    leadDays: 5,
    failures: 9,
  },
  { daysAgo: 25, version: '0.13.1', changes: 'The second try waits half a second', leadDays: 1, failures: 0 },
  { daysAgo: 20, version: '0.14.0', changes: 'Check answers shows the price', leadDays: 3, failures: 1 },
  { daysAgo: 15, version: '0.15.0', changes: 'Lengths of 3, 6 and 12 months', leadDays: 4, failures: 1 },
  { daysAgo: 10, version: '0.16.0', changes: 'Headings read out in order by screen readers', leadDays: 2, failures: 0 },
  { daysAgo: 5, version: '0.17.0', changes: 'The done page says when the permit begins', leadDays: 3, failures: 1 },
  { daysAgo: 2, version: '0.17.1', changes: 'Larger buttons on phones', leadDays: 1, failures: 1 },
]

const minute = 60_000
const half = 30
const requestsAMinute = 24

/** What a gateway tells of the new service in the half hour before and after, a minute each. */
export function trafficAround({ version, failures }: Release, at: Date, service: string): object[] {
  return Array.from({ length: 2 * half }, (_, index) => {
    const isAfter = index >= half
    // One failure in the half hour before, the release's own spread over the half hour after.
    const errors = isAfter ? Number(index - half < failures) : Number(index === 11)
    return {
      id: `traffic-${version}-${index}`,
      time: new Date(at.getTime() + (index - half) * minute).toISOString(),
      service,
      name: 'custom.gateway.traffic',
      arm: 'new',
      properties: { requests: requestsAMinute, pages: 9, errors, up: true, checks: 60, checksFailed: 0 },
    }
  })
}
