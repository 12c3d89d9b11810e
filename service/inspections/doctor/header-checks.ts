import { fine, some, unique, type Case } from './checks.ts'
import type { Finding } from './finding.ts'
import type { Answer } from './visit.ts'

/** A content security policy may forbid what the gateway inserts: banner, feedback link, question at the end. */
export function checkPolicy({ pages }: Case): Finding[] {
  const policies = unique(pages.flatMap(policiesOf))
  if (policies.length === 0)
    return [fine('Content security policy', 'None, so the banner and the question can be inserted.')]
  const found: Finding[] = []
  for (const policy of policies) {
    const rules = readPolicy(policy)
    const forbids = (directive: string): boolean => {
      const sources = rules.get(directive) ?? (directive === 'form-action' ? undefined : rules.get('default-src'))
      return sources !== undefined && !allowsOwnFiles(sources)
    }
    if (forbids('style-src')) {
      found.push(
        breaks(
          'style-src forbids style sheets from the same host: the banner and the question would stand without their look.',
          "Add 'self' to style-src.",
        ),
      )
    }
    if (forbids('form-action')) {
      found.push(
        breaks(
          'form-action forbids forms to the same host: “Use the current service” and the question could not be sent.',
          "Add 'self' to form-action.",
        ),
      )
    }
    if (forbids('script-src')) {
      found.push({
        ...breaks(
          'script-src forbids scripts from the same host: the question works as a plain form, without the help of the script.',
          "Add 'self' to script-src if you want it to answer without leaving the page.",
        ),
        severity: 'note',
      })
    } else if (forbids('connect-src')) {
      found.push({
        ...breaks(
          'connect-src forbids requests to the same host: the question works as a plain form, which leaves the page.',
          "Add 'self' to connect-src if you want it to answer without leaving the page.",
        ),
        severity: 'note',
      })
    }
    if (rules.has('upgrade-insecure-requests')) {
      found.push({
        ...breaks(
          'upgrade-insecure-requests turns every address into https.',
          'Let the gateway answer on https; on plain http the pages would stay without style.',
        ),
        severity: 'note',
      })
    }
  }
  const distinct = [...new Map(found.map((finding) => [finding.says, finding])).values()]
  return distinct.length === 0 ? [fine('Content security policy', 'It allows what the gateway inserts.')] : distinct
}

function breaks(says: string, whatToDo: string): Finding {
  return { check: 'Content security policy', severity: 'breaks', says, whatToDo }
}

function policiesOf({ headers, elements }: Answer): string[] {
  const metas = elements.filter(
    ({ name, attributes }) => name === 'meta' && /^content-security-policy$/i.test(attributes.get('http-equiv') ?? ''),
  )
  return [
    ...(headers.get('content-security-policy') ?? []),
    ...metas.map(({ attributes }) => attributes.get('content') ?? ''),
  ]
}

function readPolicy(policy: string): Map<string, string[]> {
  const rules = new Map<string, string[]>()
  for (const part of policy.split(';')) {
    const [name = '', ...sources] = part.trim().toLowerCase().split(/\s+/)
    if (name !== '' && !rules.has(name)) rules.set(name, sources)
  }
  return rules
}

function allowsOwnFiles(sources: readonly string[]): boolean {
  // With 'strict-dynamic' a browser passes over 'self' and host names.
  if (sources.includes("'strict-dynamic'")) return false
  return sources.some((source) => source === "'self'" || source === '*' || source === 'http:' || source === 'https:')
}

/** HSTS, framing, compression, caches and what holds on to a connection: worth knowing, rarely in the way. */
export function checkHeaders({ site, answers, pages }: Case): Finding[] {
  return [
    ...transportSecurity(site, answers),
    ...framing(pages),
    ...compression(pages),
    ...caching(pages),
    ...connectionSignIn(answers),
  ]
}

function transportSecurity(site: URL, answers: readonly Answer[]): Finding[] {
  const said = all(answers, 'strict-transport-security')
  if (said.length === 0) return [fine('HSTS', 'Not set.')]
  const wide = said.some((value) => /includesubdomains/i.test(value))
  return [
    {
      check: 'HSTS',
      severity: 'note',
      says: `It tells browsers to use https${wide ? ', and so must every host below it' : ''}: ${some(said)}. The header passes the gateway.`,
      whatToDo: `Let the gateway answer on https before people use it${site.protocol === 'http:' ? '; over plain http browsers pass over the header' : ''}.`,
    },
  ]
}

function framing(pages: readonly Answer[]): Finding[] {
  const said = all(pages, 'x-frame-options')
  return said.length === 0
    ? [fine('Frames', 'No X-Frame-Options. The gateway frames nothing.')]
    : [fine('Frames', `X-Frame-Options: ${some(said)}. The gateway frames nothing, so this stays as it is.`)]
}

function compression(pages: readonly Answer[]): Finding[] {
  const said = all(pages, 'content-encoding').filter((value) => value !== 'identity')
  if (said.length === 0)
    return [fine('Compression', 'Pages come uncompressed when asked so, and can be inserted into.')]
  const unreadable = said.filter((value) => !/^(gzip|x-gzip|deflate|br)$/i.test(value))
  if (unreadable.length === 0)
    return [fine('Compression', `Pages come as ${some(said)} even unasked; the gateway can read that.`)]
  return [
    {
      check: 'Compression',
      severity: 'breaks',
      says: `Pages come as ${some(unreadable)} even unasked. The gateway passes them on, but can insert nothing.`,
      whatToDo: 'Let the application heed Accept-Encoding, or compress in front of the gateway.',
    },
  ]
}

function caching(pages: readonly Answer[]): Finding[] {
  const shared = all(pages, 'cache-control').filter(
    (value) => /\bpublic\b|s-maxage/i.test(value) && !/no-store|private/i.test(value),
  )
  if (shared.length === 0) return [fine('Caches', 'No page allows shared caches.')]
  return [
    {
      check: 'Caches',
      severity: 'note',
      says: `Pages allow shared caches: ${some(shared)}. A cache in front of the gateway would give one person the version of another.`,
      whatToDo: 'Place caches behind the gateway, or leave public away for pages.',
    },
  ]
}

function connectionSignIn(answers: readonly Answer[]): Finding[] {
  const asks = all(answers, 'www-authenticate').filter((value) => /^(ntlm|negotiate)\b/i.test(value))
  if (asks.length === 0) return []
  return [
    {
      check: 'Sign-in',
      severity: 'breaks',
      says: `It signs people in by their connection (${some(asks)}). Behind a gateway one connection serves many people.`,
      whatToDo: 'Use a sign-in with a cookie or a token, or the door “link”.',
    },
  ]
}

function all(answers: readonly Answer[], header: string): string[] {
  return unique(answers.flatMap(({ headers }) => headers.get(header) ?? []))
}

/** WebSockets pass; one that names a host does not. Service workers keep pages of one version. */
export function checkScripts({ site, pages }: Case): Finding[] {
  const found: Finding[] = []
  const scripts = pages.map(({ text }) => text).join('\n')
  const addresses = unique(
    [...scripts.matchAll(/["'`](wss?:\/\/[^"'`\s]{1,200})/g)].map(([, address]) => address ?? ''),
  )
  const bound = addresses.filter((address) => !address.includes('${'))
  if (bound.length > 0) {
    found.push({
      check: 'WebSockets',
      severity: 'breaks',
      says: `A WebSocket is opened by its full address: ${some(bound)}. It goes past the gateway.`,
      whatToDo: 'Build the address from location.host.',
    })
  } else if (/new WebSocket\(|socket\.io|sockjs|signalr|\/cable\b/i.test(scripts)) {
    found.push({
      check: 'WebSockets',
      severity: 'handled',
      says: 'Pages open WebSockets. The gateway passes them through, and closes those to the new service at a halt.',
    })
  } else found.push(fine('WebSockets', `None was seen in the pages of ${site.host}.`))
  if (/serviceWorker\s*\.\s*register/.test(scripts)) {
    found.push({
      check: 'Service worker',
      severity: 'note',
      says: 'A service worker is installed. It can keep pages of one version in the browser, past a halt.',
      whatToDo: 'Let it fetch pages from the network first, and cache files only.',
    })
  }
  return found
}
