import { posix } from 'node:path'
import { parseSync } from 'oxc-parser'

/** Which domains a domain may ask, always through their index.ts. A new domain is added here and in docs/architecture.md. */
export const domainMap: Record<string, string[]> = {
  services: [],
  webhooks: ['services'],
  features: ['services'],
  admission: ['services', 'features'],
  measures: ['services'],
  // An answer to the five-point question is also a measured fact.
  feedback: ['services', 'measures'],
  inspections: ['services', 'measures'],
  // What users felt of a deployment is read from measured traffic.
  operations: ['services', 'measures'],
  // How many people a new draw would move is read from who was measured.
  rollouts: ['services', 'features', 'admission', 'measures'],
  // A beta is a conversation about a feature with those whom admission let in.
  rooms: ['services', 'features', 'admission', 'measures', 'feedback', 'webhooks'],
  gates: ['services', 'features', 'admission', 'measures', 'feedback', 'inspections', 'operations'],
  stages: ['services', 'features', 'admission', 'measures', 'feedback', 'operations', 'gates'],
  overview: ['services', 'admission', 'measures', 'feedback', 'inspections', 'operations', 'gates', 'stages'],
}

/** The only parts outside the service that the service may use, besides packages. */
const gatewayFaces = ['gateway/feed.ts', 'gateway/index.ts']
/** Files right in service/ put everything together. */
const assembly = /^service\/[^/]+\.ts$/
const emptyWords = /(^|[/-])(utils?|helpers?|common|shared|misc)(?=[./-]|$)/
const speaksSql = /^service\/platform\/|\/((.+-)?(store|reads))(\.ts$|\/)/
const readsEnvironment = ['service/platform/config.ts', 'service/main.ts', 'service/run.ts']

/** How an import of a whole module is named among what is imported. */
const whole = 'NamespaceObject'

/** The one way out (OUT-1), and what only ever speaks to this installation's own database. */
const reachesOut = /^service\/platform\/(outgoing|database)\//
const waysOut: Record<string, readonly string[] | 'all'> = {
  undici: 'all',
  axios: 'all',
  got: 'all',
  'node-fetch': 'all',
  ws: 'all',
  http: ['request', 'get', 'Agent', 'ClientRequest', 'Default', whole],
  https: ['request', 'get', 'Agent', 'Default', whole],
  http2: ['connect', 'Default', whole],
  net: ['connect', 'createConnection', 'Socket', 'Default', whole],
  tls: ['connect', 'TLSSocket', 'Default', whole],
  dgram: 'all',
}
const callsOut = new Set(['fetch', 'WebSocket', 'EventSource'])

interface Import {
  from: string
  names: string[]
}

/** What breaks the map among these files, one line each. Paths are relative to the project, with `/`. */
export function violations(files: Map<string, string>): string[] {
  const found = [...files].flatMap(([path, source]) => {
    if (emptyWords.test(path)) return [`${path}: name it after what it is about`]
    if (isTest(path)) return []
    const imports = importsOf(path, source)
    return [
      ...imports.flatMap(({ from }) => crossing(path, from)),
      ...sqlOutsideStores(path, imports),
      ...environmentOutsideConfig(path, source),
      ...outgoingElsewhere(path, source, imports),
    ]
  })
  return [...new Set(found)]
}

function isTest(path: string): boolean {
  return (
    path.endsWith('.test.ts') || path.startsWith('test/') || path.includes('/test/') || path.endsWith('/builders.ts')
  )
}

function importsOf(path: string, source: string): Import[] {
  const { module, errors } = parseSync(path, source)
  if (errors.length > 0) throw new Error(`${path}: ${errors[0]?.message}`)
  const found: Import[] = module.staticImports.map(({ moduleRequest, entries }) => ({
    from: moduleRequest.value,
    names: entries.flatMap(({ importName, isType }) => (isType ? [] : (importName.name ?? importName.kind))),
  }))
  for (const { entries } of module.staticExports) {
    for (const { moduleRequest, importName, isType } of entries) {
      if (moduleRequest) found.push({ from: moduleRequest.value, names: isType ? [] : [importName.name ?? whole] })
    }
  }
  for (const { moduleRequest } of module.dynamicImports) {
    const written = /^(['"`])(.*)\1$/s.exec(source.slice(moduleRequest.start, moduleRequest.end))?.[2]
    if (written) found.push({ from: written, names: [whole] })
  }
  // Types asked for in place: import('./there.ts').Name
  for (const [, , written] of source.matchAll(/\bimport\((['"])(\.[^'"]+)\1\)/g)) {
    if (written) found.push({ from: written, names: [] })
  }
  return found.map(({ from, names }) => ({
    from: from.startsWith('.') ? posix.join(posix.dirname(path), from) : from,
    names,
  }))
}

function crossing(path: string, target: string): string[] {
  const reason = whyNot(path, target)
  return reason ? [`${path} imports ${target}: ${reason}`] : []
}

/** A provider is made of the SDK that it is for, and of packages that it is published with. */
function isOfProvider(target: string): boolean {
  return target.startsWith('@openfeature/') || /^packages\/[^/]+\/src\/index\.ts$/.test(target)
}

function whyNot(path: string, target: string): string | null {
  const inProject = /^(packages|gateway|service|test|example|bin|bench|database)\//.test(target)
  const [area, part] = path.split('/')
  if (area === 'packages') {
    if (target.startsWith('node:') || target.startsWith(`packages/${part}/`)) return null
    if (part?.startsWith('openfeature-') && isOfProvider(target)) return null
    return path.endsWith('/build.ts') && !inProject ? null : 'a package stands by itself'
  }
  if (!inProject) return null
  if (target.startsWith('packages/')) return isPackageFace(target) ? null : 'a package is used through its index.ts'
  if (area === 'gateway') return target.startsWith('gateway/') ? null : 'the gateway knows packages only'
  if (area !== 'service') return null
  if (/^(test|bench|bin)\//.test(target)) return 'the service does not need what stands around it'
  if (assembly.test(path)) return null
  if (target.startsWith('gateway/'))
    return gatewayFaces.includes(target) ? null : 'only feed.ts is shared with the gateway'
  return whyNotDomain(path, target)
}

function isPackageFace(target: string): boolean {
  return /^packages\/[^/]+\/(src\/)?index\.ts$/.test(target)
}

function whyNotDomain(path: string, target: string): string | null {
  const from = domainOf(path)
  const to = domainOf(target)
  if (to === null || from === to || to === 'platform') {
    if (to === null && assembly.test(target)) return 'nobody imports what puts all together'
    return null
  }
  if (from === 'platform') return 'the platform knows no domain'
  const allowed = domainMap[from ?? '']
  if (!allowed) return `${from} is not in the map of domains`
  if (!allowed.includes(to)) return `${from} may not know ${to}`
  return target === `service/${to}/index.ts` ? null : `${to} is reached through its index.ts`
}

function domainOf(path: string): string | null {
  return /^service\/([^/]+)\//.exec(path)?.[1] ?? null
}

function sqlOutsideStores(path: string, imports: Import[]): string[] {
  if (!path.startsWith('service/') || speaksSql.test(path)) return []
  const speaks = imports.some(
    ({ from, names }) => (from === 'pg' && names.length > 0) || (from === 'kysely' && names.includes('sql')),
  )
  return speaks ? [`${path}: SQL belongs in store.ts or reads.ts`] : []
}

function environmentOutsideConfig(path: string, source: string): string[] {
  if (!path.startsWith('service/') || readsEnvironment.includes(path)) return []
  const { program } = parseSync(path, source)
  let found = false
  JSON.stringify(program, (_key, node: unknown) => {
    if (isEnvironment(node)) found = true
    return typeof node === 'bigint' ? String(node) : node
  })
  return found ? [`${path}: only config.ts reads the environment`] : []
}

interface Member {
  type: string
  object?: { type: string; name?: string }
  property?: { name?: string; value?: unknown }
}

function isEnvironment(node: unknown): boolean {
  if (typeof node !== 'object' || node === null) return false
  const { type, object, property } = node as Member
  return type === 'MemberExpression' && object?.name === 'process' && (property?.name ?? property?.value) === 'env'
}

function outgoingElsewhere(path: string, source: string, imports: Import[]): string[] {
  if (!path.startsWith('service/') || reachesOut.test(path)) return []
  const imported = imports.some(({ from, names }) => {
    const way = waysOut[from.replace(/^node:/, '')]
    return way !== undefined && names.some((name) => way === 'all' || way.includes(name))
  })
  return imported || hasCallOut(path, source) ? [`${path}: calls go out through platform/outgoing`] : []
}

/** `fetch(…)`, `globalThis.fetch`, `new WebSocket(…)`: what needs no import. A method of that name is something else. */
function hasCallOut(path: string, source: string): boolean {
  if (![...callsOut].some((name) => source.includes(name))) return false
  const { program } = parseSync(path, source)
  let found = false
  JSON.stringify(program, (_key, node: unknown) => {
    if (isCallOut(node)) found = true
    return typeof node === 'bigint' ? String(node) : node
  })
  return found
}

function isCallOut(node: unknown): boolean {
  if (typeof node !== 'object' || node === null) return false
  const { type, callee, object, property } = node as Member & { callee?: { type: string; name?: string } }
  if (type === 'CallExpression' || type === 'NewExpression') return callsOut.has(callee?.name ?? '')
  if (type !== 'MemberExpression' || !/^(globalThis|global)$/.test(object?.name ?? '')) return false
  return callsOut.has(String(property?.name ?? property?.value))
}
