import type { Finding } from './finding.ts'
import type { Answer } from './visit.ts'

/** What a check may look at: all answers, and which address the people would use. */
export interface Case {
  /** The site: scheme, host, port. */
  site: URL
  answers: readonly Answer[]
  pages: readonly Answer[]
}

/** Redirects: to itself by its full name, to another scheme of itself, or to somewhere else. */
export function checkRedirects({ site, answers }: Case): Finding[] {
  const redirects = answers.filter(({ location }) => location !== null)
  if (redirects.length === 0) return [fine('Redirects', 'None was seen.')]
  const found: Finding[] = []
  const targets = unique(redirects.map(({ location }) => location?.written ?? ''))
  const absolute = targets.filter((target) => /^(https?:)?\/\//i.test(target))
  const own = absolute.filter((target) => new URL(target, site).origin === site.origin)
  const otherScheme = absolute.filter(
    (target) => sameHost(target, site) && new URL(target, site).origin !== site.origin,
  )
  const elsewhere = absolute.filter((target) => !sameHost(target, site))
  if (own.length > 0) {
    found.push({
      check: 'Redirects',
      severity: 'handled',
      says: `Absolute redirects to itself: ${some(own)}. The gateway rewrites them to the address that people use.`,
    })
  }
  if (otherScheme.length > 0) {
    found.push({
      check: 'Redirects',
      severity: 'breaks',
      says: `It redirects to another scheme or port of itself: ${some(otherScheme)}. Behind the gateway people would leave it there, or turn in a circle.`,
      whatToDo: `Give Phasegate the address that it redirects to, or let the application trust X-Forwarded-Proto from the gateway.`,
    })
  }
  if (elsewhere.length > 0) {
    found.push({
      check: 'Redirects',
      severity: 'breaks',
      says: `It redirects to another host: ${some(elsewhere)}. The gateway does not stand there, so people leave the beta.`,
      whatToDo:
        'If that is the same service, set its base URL to the address at the gateway, or give Phasegate that host. If it is a sign-in or a payment elsewhere, check that it comes back to the address at the gateway.',
    })
  }
  return found.length === 0 ? [fine('Redirects', 'All are relative.')] : found
}

function sameHost(target: string, site: URL): boolean {
  return new URL(target, site).hostname === site.hostname
}

export function checkCookies({ site, answers }: Case): Finding[] {
  const cookies = unique(answers.flatMap(({ headers }) => headers.get('set-cookie') ?? [])).map(readCookie)
  if (cookies.length === 0) return [fine('Cookies', 'None was set.')]
  const found: Finding[] = []
  const taken = cookies.filter(({ name }) => /^(pgc?_|phasegate_session$)/.test(name))
  const foreign = cookies.filter(({ domain }) => domain !== null && !within(site.hostname, domain))
  const domains = cookies.filter(({ domain }) => domain !== null && within(site.hostname, domain))
  const insecure = cookies.filter(({ sameSite, secure }) => sameSite === 'none' && !secure)
  const bound = cookies.filter(({ name, secure }) => secure && /^__(host|secure)-/i.test(name))
  if (taken.length > 0) {
    found.push({
      check: 'Cookies',
      severity: 'breaks',
      says: `Names that the gateway keeps for itself: ${names(taken)}. They never reach the browser.`,
      whatToDo: 'Give these cookies other names.',
    })
  }
  if (foreign.length > 0) {
    found.push({
      check: 'Cookies',
      severity: 'breaks',
      says: `Cookies for another domain: ${names(foreign)}. A browser refuses them.`,
      whatToDo: 'Leave Domain out; the cookie then belongs to the host that people use.',
    })
  }
  if (domains.length > 0) {
    found.push({
      check: 'Cookies',
      severity: 'handled',
      says: `Cookies with a Domain: ${names(domains)}. Where it does not fit the address at the gateway, the gateway takes Domain away. Other hosts of that domain then no longer see them.`,
    })
  }
  if (insecure.length > 0) {
    found.push({
      check: 'Cookies',
      severity: 'breaks',
      says: `SameSite=None without Secure: ${names(insecure)}. Browsers refuse these, with or without a gateway.`,
      whatToDo: 'Add Secure, or use SameSite=Lax.',
    })
  }
  if (bound.length > 0) {
    found.push({
      check: 'Cookies',
      severity: 'note',
      says: `Cookies that only https may carry: ${names(bound)}. Behind a gateway on plain http nobody could stay signed in.`,
      whatToDo:
        'Let the gateway answer on https. On 127.0.0.1, for a try, Chromium accepts them; other browsers may not.',
    })
  }
  const strict = cookies.filter(({ sameSite }) => sameSite === 'strict')
  if (strict.length > 0) {
    found.push({
      check: 'Cookies',
      severity: 'note',
      says: `SameSite=Strict: ${names(strict)}. Who comes by the link of an invitation, from a mail, arrives without them once.`,
    })
  }
  return found.length === 0 ? [fine('Cookies', `${cookies.length} seen, none bound to a domain.`)] : found
}

interface Cookie {
  name: string
  domain: string | null
  secure: boolean
  sameSite: string
}

function readCookie(line: string): Cookie {
  const [pair = '', ...rest] = line.split(';').map((part) => part.trim())
  const attributes = new Map(rest.map((part) => [part.split('=')[0]?.toLowerCase() ?? '', part.split('=')[1] ?? '']))
  return {
    name: pair.split('=')[0] ?? '',
    domain: attributes.get('domain')?.replace(/^\./, '').toLowerCase() || null,
    secure: attributes.has('secure'),
    sameSite: attributes.get('samesite')?.toLowerCase() ?? '',
  }
}

function names(cookies: readonly Cookie[]): string {
  return some(unique(cookies.map(({ name }) => name)))
}

function within(host: string, domain: string): boolean {
  return host === domain || host.endsWith(`.${domain}`)
}

/** Links, forms and frames that name the site in full, and a base element. */
export function checkLinks({ site, pages }: Case): Finding[] {
  const own = new Set<string>()
  const forms = new Set<string>()
  const bases = new Set<string>()
  for (const { elements, url } of pages) {
    for (const { name, attributes } of elements) {
      const address = attributes.get(addressOf[name] ?? '')
      if (address === undefined) continue
      if (name === 'base') bases.add(address)
      const isOwn =
        /^(https?:)?\/\//i.test(address) && URL.canParse(address, url.href) && new URL(address, url).host === site.host
      if (isOwn && name === 'form') forms.add(address)
      else if (isOwn && name !== 'base') own.add(address)
    }
  }
  const found: Finding[] = []
  const bound = [...bases].filter((base) => /^(https?:)?\/\//i.test(base))
  if (bound.length > 0) {
    found.push({
      check: 'Links',
      severity: 'breaks',
      says: `A base element names a host: ${some(bound)}. Every relative link then leaves the gateway.`,
      whatToDo: 'Take the base element out, or set it to a path such as /.',
    })
  }
  if (forms.size > 0) {
    found.push({
      check: 'Links',
      severity: 'breaks',
      says: `Forms are sent to its own full address: ${some([...forms])}. What people type leaves the gateway, and no ending is seen.`,
      whatToDo:
        'Use relative addresses in forms, or set the base URL of the application to the address at the gateway.',
    })
  }
  if (own.size > 0) {
    found.push({
      check: 'Links',
      severity: 'breaks',
      says: `Links and files by its own full address: ${some([...own])}. Pages are not rewritten, so people leave the gateway there.`,
      whatToDo: 'Use relative addresses, or set the base URL of the application to the address at the gateway.',
    })
  }
  return found.length === 0 ? [fine('Links', 'Links and forms are relative, or lead elsewhere on purpose.')] : found
}

const addressOf: Record<string, string | undefined> = {
  a: 'href',
  area: 'href',
  base: 'href',
  form: 'action',
  iframe: 'src',
  img: 'src',
  link: 'href',
  script: 'src',
}

export function fine(check: string, says: string): Finding {
  return { check, severity: 'fine', says }
}

export function unique<T>(values: readonly T[]): T[] {
  return [...new Set(values)]
}

/** The first three, so that a line stays a line. */
export function some(values: readonly string[]): string {
  const shown = values.slice(0, 3).map((value) => (value.length > 90 ? `${value.slice(0, 90)}…` : value))
  return shown.join(', ') + (values.length > 3 ? ` and ${values.length - 3} more` : '')
}
