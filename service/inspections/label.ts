import type { PageServed } from '../measures/index.ts'
import type { Journey } from '../services/index.ts'
import type { BannerProbe } from './store.ts'

/** Whether people see the label of the phase at one point of a journey, and how that is known. */
export interface LabelAt {
  name: string
  verdict: 'seen' | 'missing' | 'not-reached'
  /** Read by the probe, or on a page on its way to a person. */
  by: 'probe' | 'visit' | null
  at: Date | null
}

interface Point {
  name: string
  kind: PageServed['kind']
  page: string
  patterns: readonly string[]
}

/** After so long without the banner while people came, it is gone; a shorter gap may be answers to a POST, which are not read. */
const goneAfterMs = 86_400_000

/** INS-2: the probe reads what a plain visit reaches; of the rest the gateway knows from real visits. Either may find it missing. */
export function labelsAt(
  journeys: readonly Journey[],
  probes: readonly BannerProbe[],
  served: readonly PageServed[],
): LabelAt[] {
  return journeys.flatMap((journey) =>
    pointsOf(journey).map(({ name, kind, page, patterns }) => {
      const read = probes.filter((probe) => patterns.includes(probe.page) && probe.outcome !== 'not-reached')
      const visit = served.find((each) => each.journey === journey.id && each.kind === kind && each.page === page)
      return judge({ name, patterns }, read, visit)
    }),
  )
}

function judge(
  { name, patterns }: Pick<Point, 'name' | 'patterns'>,
  read: readonly BannerProbe[],
  visit: PageServed | undefined,
): LabelAt {
  const wrong = read.find(({ outcome }) => outcome !== 'seen')
  if (wrong !== undefined) return { name, verdict: 'missing', by: 'probe', at: wrong.probedAt }
  const [right] = read
  if (right !== undefined) return { name, verdict: 'seen', by: 'probe', at: right.probedAt }
  if (visit === undefined || !patterns.some(isVisited)) return { name, verdict: 'not-reached', by: null, at: null }
  const { bannerAt, lastAt } = visit
  const isShown = bannerAt !== null && lastAt.getTime() - bannerAt.getTime() < goneAfterMs
  return { name, verdict: isShown ? 'seen' : 'missing', by: 'visit', at: isShown ? bannerAt : lastAt }
}

/** What answers a POST is not looked into. */
function isVisited(pattern: string): boolean {
  return /^(GET )?\//.test(pattern)
}

function pointsOf({ start, steps, endings }: Journey): Point[] {
  return [
    { name: 'Start', kind: 'start', page: '', patterns: start.patterns },
    ...steps.map(({ id, name, patterns }) => ({ name, kind: 'step' as const, page: id, patterns })),
    ...endings.map(({ id, name, patterns }) => ({ name, kind: 'end' as const, page: id, patterns })),
  ]
}
