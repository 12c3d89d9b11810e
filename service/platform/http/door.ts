import { setTimeout as pause } from 'node:timers/promises'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { createSessionCache, idleDays, sessionCookie, type KeyRing, type SessionCache } from '../accounts/index.ts'
import { holdersOf, isWithinKey } from '../act.ts'
import { clockAt } from '../clock.ts'
import type { Actor, Context, Db, Platform } from '../context.ts'
import { isPermission } from '../permissions.ts'
import { Refusal } from '../refusal.ts'
import { admittance, isForAnybody, isOfGateway, type Caller, type Named } from './admittance.ts'
import type { App } from './app-type.ts'
import { isDatabaseAway } from './errors.ts'
import type { Needs, RouteTable } from './route-table.ts'
import { closeStreamsEndedBy, closeStreamsOf } from './stream.ts'

export interface ServiceRef {
  id: string
  key: string
  example: boolean
}

export interface DoorParts {
  platform: Platform
  table: RouteTable
  keyRing: KeyRing
  /** The service of `:service`; platform knows only that it has an id. */
  findService(db: Db, key: string): Promise<ServiceRef | null>
  /** The account that an admin key may act for while it writes example data. */
  findAccountByEmail(
    db: Db,
    email: string,
  ): Promise<{ id: string; name: string; email: string; installation: 'owner' | 'member' } | null>
}

/** Who may halt what, from memory, for the time when the database is away; the admission domain answers. */
export interface HaltRecall {
  service(key: string): ServiceRef | null
  mayHalt(accountId: string, serviceId: string): boolean
  /** What is to be said of a halt that stands; null where there is none. */
  standing(serviceId: string): string | null
}

declare module 'fastify' {
  interface FastifyRequest {
    context: Context
  }
  interface FastifyInstance {
    sessions: SessionCache
    haltRecall: { from: HaltRecall | null }
    pageAt: RouteTable['pageAt']
    methodsAt: RouteTable['methodsAt']
    /** Of the service of this request, for whoever may halt it, without the database. */
    standingHalt(request: FastifyRequest): string | null
  }
}

/** How long a decision waits to hear of a key, unknown here or read before. */
const keyWaitMs = 1_000
const knownKeyWaitMs = 250

/** How often streams are looked at for one whose key has ended: ended within a second, as by a person. */
const endsEveryMs = 500

const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS'])

/** Who is it, where does it come from, may it come in: before every handler, by the row of its urls.ts. */
export function installDoor(app: App, parts: DoorParts): void {
  const sessions = createSessionCache()
  app.decorate('sessions', sessions)
  parts.platform.live.onRights((of) => {
    if (of.kind === 'account') sessions.forget(of.id)
    else parts.keyRing.forget(of.id)
    closeStreamsOf(app, of)
  })
  const ends = setInterval(() => closeStreamsEndedBy(app, parts.platform.clock.now()), endsEveryMs).unref()
  app.addHook('onClose', async () => clearInterval(ends))
  app.decorate('haltRecall', { from: null })
  app.decorate('pageAt', parts.table.pageAt)
  app.decorate('methodsAt', parts.table.methodsAt)
  app.decorate('standingHalt', (request: FastifyRequest) => {
    const { from: recall } = app.haltRecall
    const service = recall?.service((request.params as { service?: string }).service ?? '') ?? null
    const token = request.cookies[sessionCookie]
    const session = token === undefined ? null : sessions.recent(parts.platform.clock, token)
    if (recall === null || service === null || session === null) return null
    return recall.mayHalt(session.accountId, service.id) ? recall.standing(service.id) : null
  })
  app.decorateRequest('context')
  app.decorateRequest('service')

  app.addHook('onRoute', ({ method, url }) => {
    for (const each of [method].flat()) parts.table.needs(each, url)
  })

  app.addHook('onRequest', async (request) => {
    const { url } = request.routeOptions
    if (url === undefined) {
      request.context = { ...parts.platform, actor: { kind: 'anonymous' }, requestId: request.id }
      return
    }
    const needs = parts.table.needs(request.method, url)
    if (needs === 'admission.halt' && haltsFromMemory(request, parts, sessions, app.haltRecall.from)) return
    const actor = await actorOf(request, parts, sessions, needs)
    request.context = { ...parts.platform, actor, requestId: request.id }
    if (actor.kind === 'account') refuseOtherSites(request, parts.platform.config.publicUrl)
    try {
      await enter(request, parts, needs)
    } catch (error) {
      if (needs !== 'admission.halt' || !isDatabaseAway(error)) throw error
      enterToHalt(request, app.haltRecall.from)
    }
  })
}

async function enter(request: FastifyRequest, parts: DoorParts, needs: Needs): Promise<void> {
  const key = (request.params as { service?: string }).service
  refuseForeignTime(request)
  const found = key !== undefined && isKey(key) ? await parts.findService(parts.platform.db, key) : null
  // First, so that whoever the example's key acts for may do what that person may, and no more.
  await honourExampleTime(request, parts, found)
  const named = key === undefined ? 'no service' : found === null ? 'a service that is not there' : 'a service'
  await admit(request, needs, named, found)
  // Only now: what is decorated for the service on the way out tells that it is there.
  Object.assign(request, { service: found })
}

/** What cannot be a key is asked of nobody. */
function isKey(text: string): boolean {
  return /^[a-z0-9-]{1,60}$/.test(text)
}

/** ADM-22: who is known to be allowed waits for no database, which may be hung. Everybody else is asked about as usual. */
function haltsFromMemory(
  request: FastifyRequest,
  parts: DoorParts,
  sessions: SessionCache,
  recall: HaltRecall | null,
): boolean {
  const { headers, cookies } = request
  const service = recall?.service((request.params as { service: string }).service) ?? null
  if (recall === null || service === null) return false
  if (headers['phasegate-time'] !== undefined || headers['phasegate-as'] !== undefined) return false
  const { clock } = parts.platform
  const secret = secretIn(request)
  const token = cookies[sessionCookie]
  const key = secret === undefined ? null : parts.keyRing.recent(clock, secret)
  const session = secret !== undefined || token === undefined ? null : sessions.recent(clock, token)
  if (key !== null) {
    if (key.keyKind !== 'admin' || (key.service !== null && key.service !== service.id)) return false
    request.context = { ...parts.platform, actor: key, requestId: request.id }
  } else {
    if (session === null || !recall.mayHalt(session.accountId, service.id)) return false
    request.context = { ...parts.platform, actor: { kind: 'account', ...session }, requestId: request.id }
    refuseOtherSites(request, parts.platform.config.publicUrl)
  }
  Object.assign(request, { service })
  return true
}

/** Whatever is shown as a bearer's: one that is cut short or misspelt is a key that is none, not no key. */
function secretIn(request: FastifyRequest): string | undefined {
  return /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1]
}

/** A halt needs no database: a session seen lately with the right that was last read, or a key held in memory. */
function enterToHalt(request: FastifyRequest, recall: HaltRecall | null): void {
  const { actor } = request.context
  if (actor.kind === 'anonymous') throw new Refusal('not-signed-in')
  const service = recall?.service((request.params as { service: string }).service) ?? null
  const isAdmin = actor.kind === 'key' && actor.keyKind === 'admin'
  const mayHalt = (id: string) => actor.kind === 'account' && recall?.mayHalt(actor.accountId, id) === true
  if (service === null || !(isAdmin || mayHalt(service.id))) throw new Refusal('not-found')
  Object.assign(request, { service })
}

const withFalseKey: Actor = { kind: 'anonymous', showsFalseKey: true }

async function actorOf(
  request: FastifyRequest,
  parts: DoorParts,
  sessions: SessionCache,
  needs: Needs,
): Promise<Actor> {
  const { db, clock } = parts.platform
  if (needs === 'decision') return actorOfDecision(request, parts)
  const secret = secretIn(request)
  if (secret !== undefined) return (await parts.keyRing.find(db, clock, secret)) ?? withFalseKey
  const token = request.cookies[sessionCookie]
  if (token === undefined || isOfGateway(needs)) return { kind: 'anonymous' }
  const found =
    needs === 'admission.halt' ? await findOrRecall(parts, sessions, token) : await sessions.find(db, clock, token)
  return found === null ? { kind: 'anonymous' } : { kind: 'account', ...found }
}

/**
 * ADM-71: decisions need no key, and never the database, be it gone or hung: a key that was never read is then no key. One that is none
 * by the word of the database is told so, or its owner would see the flags of strangers and wonder.
 */
async function actorOfDecision(request: FastifyRequest, { keyRing, platform }: DoorParts): Promise<Actor> {
  const { db, clock } = platform
  const { 'x-api-key': other } = request.headers
  const secret = secretIn(request) ?? (typeof other === 'string' ? other : undefined)
  if (secret === undefined) return { kind: 'anonymous' }
  const known = keyRing.recent(clock, secret) ?? ({ kind: 'anonymous' } as const)
  const asked = keyRing.find(db, clock, secret).catch((error: unknown) => {
    if (isDatabaseAway(error)) return known
    throw error
  })
  const waitMs = known.kind === 'anonymous' ? keyWaitMs : knownKeyWaitMs
  return (await Promise.race([asked, pause(waitMs, known, { ref: false })])) ?? withFalseKey
}

/** A halt is authorised by a session seen lately even while the database is away (contracts.md, Halt). */
async function findOrRecall(parts: DoorParts, sessions: SessionCache, token: string) {
  const { db, clock } = parts.platform
  try {
    return await sessions.find(db, clock, token)
  } catch {
    return sessions.recent(clock, token)
  }
}

/** Fetch metadata, or Origin where a browser does not send it, stand in place of a token in each form (decision 0004). */
function refuseOtherSites(request: FastifyRequest, publicUrl: string | null): void {
  if (safeMethods.has(request.method)) return
  const site = request.headers['sec-fetch-site']
  if (site === 'same-origin' || site === 'none') return
  const { origin } = request.headers
  const own = [request.host, ...(publicUrl === null ? [] : [hostOf(publicUrl)])]
  if (site === undefined && (origin === undefined || own.includes(hostOf(origin)))) return
  throw new Refusal('other-site')
}

function hostOf(origin: string): string | null {
  return URL.canParse(origin) ? new URL(origin).host : null
}

const refusalOf = { 'sign-in': 'not-signed-in', refused: 'not-allowed', missing: 'not-found' } as const
/** What is said of a key in their place: it has no role, and signs in nowhere. */
const refusalOfKey = { ...refusalOf, 'sign-in': 'key-not-known', refused: 'key-not-allowed' } as const

async function admit(
  { context: ctx, url }: FastifyRequest,
  needs: Needs,
  named: Named,
  service: ServiceRef | null,
): Promise<void> {
  const caller = await callerOf(ctx, needs, service)
  const answer = admittance({ needs, url }, caller, named)
  const saidOf = showsKey(ctx.actor) ? refusalOfKey : refusalOf
  if (answer !== 'in') throw new Refusal(saidOf[answer])
  if (isPermission(needs) && !isWithinKey(ctx, needs)) throw new Refusal('key-not-allowed')
}

function showsKey(actor: Actor): boolean {
  return actor.kind === 'key' || (actor.kind === 'anonymous' && actor.showsFalseKey === true)
}

async function callerOf(ctx: Context, needs: Needs, service: ServiceRef | null): Promise<Caller> {
  const { actor } = ctx
  const holders = isForAnybody(needs) ? [] : await holdersOf(ctx, service?.id ?? null)
  if (actor.kind === 'key') return { kind: 'key', keyKind: actor.keyKind, holders }
  const showsFalseKey = actor.kind === 'anonymous' && actor.showsFalseKey === true
  return {
    kind: actor.kind,
    isOwner: actor.kind === 'account' && actor.installation === 'owner',
    showsFalseKey,
    holders,
  }
}

/** Said before anything is looked up, so that the answer tells nothing of whether the service is there. */
function refuseForeignTime({ headers, context: { actor } }: FastifyRequest): void {
  const isAsked = headers['phasegate-time'] !== undefined || headers['phasegate-as'] !== undefined
  const byAdmin = actor.kind === 'key' && actor.keyKind === 'admin'
  if (isAsked && !byAdmin) throw new Refusal('time-not-honoured')
}

/** Example data is written through the API with its own times and people; nothing else can set either. */
async function honourExampleTime(request: FastifyRequest, parts: DoorParts, service: ServiceRef | null): Promise<void> {
  const time = request.headers['phasegate-time']
  const email = request.headers['phasegate-as']
  if (time === undefined && email === undefined) return
  if (parts.platform.config.publicUrl !== null) throw new Refusal('time-not-honoured')
  const ctx = request.context
  const isExample = service?.example ?? request.routeOptions.url === '/api/v1/services'
  if (!isExample || Number.isNaN(Date.parse(String(time ?? '2026-01-01')))) throw new Refusal('time-not-honoured')
  if (time !== undefined) {
    ctx.clock = clockAt(String(time))
    // What is told of the past was mailed then or never: no address gets anything now.
    ctx.mail = { ...ctx.mail, send: async () => {} }
  }
  if (email === undefined) return
  const account = await parts.findAccountByEmail(ctx.db, String(email))
  if (account === null) throw new Refusal('time-not-honoured')
  const { id, name, installation } = account
  ctx.actor = {
    kind: 'account',
    accountId: id,
    sessionId: id,
    name,
    email: account.email,
    installation,
    seenAt: ctx.clock.now(),
    confirmedAt: ctx.clock.now(),
  }
}

/** Sends people who are not signed in to the page where they can be. */
export function wantsPage(request: FastifyRequest): boolean {
  return !isForPrograms(request.url) && !(request.headers.accept ?? 'text/html').startsWith('application/json')
}

/** What is asked for there is answered in JSON, errors too. */
export function isForPrograms(path: string): boolean {
  return path.startsWith('/api/') || path.startsWith('/ofrep/')
}

export function setSessionCookie(reply: FastifyReply, token: string, secure: boolean): void {
  reply.setCookie(sessionCookie, token, {
    path: '/',
    httpOnly: true,
    sameSite: 'lax',
    secure,
    maxAge: idleDays * 86_400,
  })
}
