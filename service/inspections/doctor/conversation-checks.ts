import { fine } from './checks.ts'
import type { Finding } from './finding.ts'
import type { Visitor } from './visit.ts'

const strange = 'doctor.phasegate.invalid'

const refuses = (status: number): boolean => status === 400 || status === 403 || status === 421 || status === 404

/** Asks under another name: many frameworks refuse hosts that they do not know. */
export async function checkHost(visitor: Visitor, url: URL): Promise<Finding[]> {
  const usual = await visitor.get(url)
  const named = await visitor.get(url, { host: strange })
  const isElsewhere = named.location !== null && usual.location?.url.href !== named.location.url.href
  if (!refuses(named.status) && !isElsewhere) return [fine('Host', 'It answers under any name.')]
  if (refuses(usual.status)) return [fine('Host', 'It could not be tried, since the page itself is refused.')]
  const does = isElsewhere ? `redirects to ${named.location?.written}` : `answers ${named.status}`
  return [
    {
      check: 'Host',
      severity: 'handled',
      says: `Asked by a name it does not know, it ${does}. The gateway asks it by its own name and says the other in X-Forwarded-Host.`,
      whatToDo:
        'Nothing, unless you set applicationBase to outside in gateway.yaml: then let it accept the name at the gateway.',
    },
  ]
}

/** Two empty POSTs, one as from its own pages and one as from elsewhere: does it compare Origin with its own address? */
export async function checkOrigin(visitor: Visitor, url: URL): Promise<Finding[]> {
  const own = await visitor.post(url, { origin: url.origin, referer: url.href, 'sec-fetch-site': 'same-origin' })
  const foreign = await visitor.post(url, {
    origin: `https://${strange}`,
    referer: `https://${strange}/`,
    'sec-fetch-site': 'cross-site',
  })
  if (own.status === foreign.status || !refuses(foreign.status)) {
    return [fine('Origin', 'It does not compare Origin with its own address here, or takes no POST.')]
  }
  return [
    {
      check: 'Origin',
      severity: 'handled',
      says: `It compares Origin with its own address: from there ${own.status}, from elsewhere ${foreign.status}. The gateway puts Origin and Referer into the application's own words.`,
      whatToDo:
        'Nothing, unless its base URL is already the address at the gateway: then set applicationBase to outside in gateway.yaml.',
    },
  ]
}
