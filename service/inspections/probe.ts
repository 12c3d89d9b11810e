import type { Journey, Service } from '../services/index.ts'
import { allServices, phaseOf } from '../services/index.ts'
import { OutgoingProblem, type Platform } from '../platform/index.ts'
import { seenIn, type BannerSeen } from './banner.ts'
import { openVisitor, type Answer, type Visitor } from './doctor/visit.ts'
import { replaceProbes, type BannerProbe } from './store.ts'

/** The way through the gateway of this installation. */
export interface WayIn {
  /** Where the gateway listens, such as `http://127.0.0.1:4610`. */
  address(): string
  /** The address that people use; its host is what the probe asks for. */
  urlOf(service: Service): string
  /** A short-lived pass to the new service, as `name=value`; null where the phase lets nobody in. */
  pass(service: Service): string | null
}

const mostPages = 60
const mostRedirects = 5
const mostInDetail = 300

export function inspectionsJobs(platform: Platform, way: WayIn): void {
  platform.jobs.every('phase-banner', 300, () => probeBanners(platform, way))
}

/** INS-2: reads the phase banner on every journey page of every service, as somebody in the new service gets it. */
export async function probeBanners(platform: Platform, way: WayIn): Promise<void> {
  for (const service of await allServices(platform.db)) await probeService(platform, way, service)
}

export async function probeService(platform: Platform, way: WayIn, service: Service): Promise<void> {
  if (service.door !== 'gateway') return
  const { label } = phaseOf(service)
  const pages = label === null ? [] : pagesOf(service.journeys)
  const probes = label === null || pages.length === 0 ? [] : await probe(platform, way, service, label, pages)
  if (probes !== null) await replaceProbes(platform.db, service.id, probes)
}

/** Pages that a plain visit can reach: a pattern with a star names no one page, and nobody asks for an error page. */
function pagesOf(journeys: readonly Journey[]): string[] {
  const patterns = journeys.flatMap(({ start, steps, endings }) =>
    [start, ...steps, ...endings.filter(({ outcome }) => outcome !== 'failed')].flatMap((each) => each.patterns),
  )
  const paths = patterns.flatMap((pattern) => /^(?:GET )?(\/[^*]*)$/.exec(pattern)?.[1] ?? [])
  return [...new Set(paths)].slice(0, mostPages)
}

async function probe(
  { clock, outgoing }: Platform,
  way: WayIn,
  service: Service,
  label: string,
  pages: readonly string[],
): Promise<BannerProbe[] | null> {
  const pass = way.pass(service)
  if (pass === null) return null
  const browser = createBrowser(openVisitor(outgoing, way.address()), way, service, pass)
  const probes: BannerProbe[] = []
  for (const page of pages) {
    const seen = await read(browser, page)
    probes.push({ page, probedAt: clock.now(), expected: label, ...outcomeOf(seen, label) })
  }
  return probes
}

/** Keeps the application's cookies over the pages, as a browser does, and follows redirects on the same host. */
function createBrowser(visitor: Visitor, way: WayIn, service: Service, pass: string) {
  const jar = new Map([pass.split('=', 2) as [string, string]])
  const { host } = new URL(way.urlOf(service))
  return async (path: string): Promise<Answer> => {
    const headers = {
      host,
      cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; '),
      // What the probe sees is not what a person saw: the gateway counts no page that was fetched ahead.
      'sec-purpose': 'prefetch',
      'user-agent': 'Phasegate probe',
    }
    const answer = await visitor.get(new URL(path, way.address()), headers)
    for (const line of answer.headers.get('set-cookie') ?? []) {
      const [pair = ''] = line.split(';')
      const at = pair.indexOf('=')
      if (at > 0 && !pair.startsWith('pg')) jar.set(pair.slice(0, at).trim(), pair.slice(at + 1).trim())
    }
    return answer
  }
}

async function read(browser: (path: string) => Promise<Answer>, page: string): Promise<BannerSeen> {
  try {
    let path = page
    for (let redirects = 0; ; redirects++) {
      const answer = await browser(path)
      if (answer.location === null || redirects === mostRedirects) {
        const seen = seenIn(answer)
        const isElsewhere = path.split('?')[0] !== page
        return isElsewhere ? { kind: 'not-reached', detail: `it leads to ${path}` } : seen
      }
      path = answer.location.url.pathname + answer.location.url.search
    }
  } catch (error) {
    if (!(error instanceof OutgoingProblem)) throw error
    return { kind: 'not-reached', detail: error.message }
  }
}

function outcomeOf(seen: BannerSeen, label: string): Pick<BannerProbe, 'outcome' | 'detail'> {
  if (seen.kind === 'missing') return { outcome: 'missing', detail: 'the page has no phase banner' }
  if (seen.kind === 'not-reached') return { outcome: 'not-reached', detail: seen.detail.slice(0, mostInDetail) }
  const isIt = seen.label.toLowerCase() === label.toLowerCase()
  return { outcome: isIt ? 'seen' : 'other-label', detail: `it says “${seen.label}”`.slice(0, mostInDetail) }
}
