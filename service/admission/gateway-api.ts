import { z } from 'zod'
import {
  bucket,
  isInShare,
  lowestCeiling,
  reaches,
  ruleFor,
  writtenOut,
  type AskedRung,
  type Attributes,
  type CompiledService,
} from '../../packages/admission/src/index.ts'
import { change, openStream, pointInTime, Refusal, type Actor, type App, type Context } from '../platform/index.ts'
import { findService } from '../services/index.ts'
import { leave } from './acceptance.ts'
import { isDayFull } from './day-limit.ts'
import { haltFromGateway } from './halting.ts'
import { setRoute, setsQuery } from './snapshot-api.ts'
import type { Snapshots } from './snapshots.ts'
import { findAdmission, insertAdmission, insertReported, lockRollout, putChoice, takePlace } from './store.ts'
import { inTurn } from './turns.ts'

const tags = ['Gateway']
const unit = z.string().regex(/^[A-Za-z0-9_-]{22}$/)
const key = z.string().max(60)
const asked = z.enum(['share', 'join', 'rules'] satisfies AskedRung[])
const mostAttributes = 20
/** Of a visit that a rule would let in: what the gateway knows of it. */
const attributes = z
  .record(z.string().max(100), z.string().max(16_000))
  .refine((all) => Object.keys(all).length <= mostAttributes, `At most ${mostAttributes} attributes`)

interface Newcomer {
  unit: string
  rung: AskedRung
  attributes: Attributes
}

export interface AdmissionAnswer {
  admitted: boolean
  code: 'admitted' | 'already-in' | 'cap-reached' | 'not-open'
}

export function gatewayApi(app: App, snapshots: Snapshots): void {
  streamRoute(app, snapshots)
  const isGateway = (actor: Actor): boolean => actor.kind === 'key' && actor.keyKind === 'gateway'
  setRoute(app, snapshots, { url: '/api/v1/gateway/sets', tags, mayAsk: isGateway })
  passKeysRoute(app, snapshots)
  const body = z.object({ service: key, unit, rung: asked, attributes: attributes.default({}) })
  app.post(
    '/api/v1/gateway/admissions',
    { schema: { summary: 'May this unit be let in under the cap?', answers: [200], tags, body } },
    async (request) => {
      const { service, ...wanted } = request.body
      // GW-12: a gateway that was kept waiting has gone on without an answer, and the person elsewhere.
      const isAwaited = () => !request.raw.socket.destroyed
      return admit(request.context, await findCompiled(request.context, snapshots, service), wanted, isAwaited)
    },
  )
  reportsRoute(app, snapshots)
  haltsRoute(app, snapshots)
}

/** GW-3: a halt made on a gateway's machine, told as soon as the gateway reaches anybody. */
function haltsRoute(app: App, snapshots: Snapshots): void {
  const body = z.object({
    ...{ service: key, id: z.uuid(), at: pointInTime },
    ...{ by: z.string().trim().max(200), reason: z.string().trim().max(2000) },
  })
  app.post(
    '/api/v1/gateway/halts',
    { schema: { summary: 'A halt made on the machine of a gateway', answers: [200], tags, body } },
    async (request) => {
      const { service, by, at, ...told } = request.body
      const { id } = await findCompiled(request.context, snapshots, service)
      const who = by === '' ? 'An account on the gateway’s machine' : `The account “${by}” on the gateway’s machine`
      return haltFromGateway(request.context, snapshots, id, { ...told, at: new Date(at), by: who })
    },
  )
}

/** The feed at once and at every change; signing keys go to gateways only (contracts.md, gateway.yaml). */
function streamRoute(app: App, snapshots: Snapshots): void {
  app.get(
    '/api/v1/gateway/stream',
    { schema: { summary: 'What a gateway needs, as a stream', tags, querystring: setsQuery } },
    (request, reply) => {
      const { actor } = request.context
      if (actor.kind !== 'key' || actor.keyKind !== 'gateway') throw new Refusal('not-found')
      const stream = openStream(reply)
      const knowsNames = request.query.sets === 'named'
      const send = (): void => {
        const own = snapshots.feedFor(actor)
        const { packed } = snapshots.sets
        stream.send('feed', knowsNames ? own : { ...own, snapshot: writtenOut(own.snapshot, packed) })
      }
      stream.onClose(snapshots.onFeed(send))
      send()
    },
  )
}

/** ADM-33: for an application that reads passes itself. Whoever can verify a pass of a service can also make one. */
function passKeysRoute(app: App, snapshots: Snapshots): void {
  const querystring = z.object({ service: key.optional() })
  app.get(
    '/api/v1/gateway/pass-keys',
    { schema: { summary: 'The keys by which passes of one service are verified', tags, querystring } },
    async (request) => {
      const { actor } = request.context
      if (actor.kind !== 'key' || actor.keyKind !== 'gateway') throw new Refusal('not-found')
      const asked = request.query.service
      if (asked !== undefined) await findCompiled(request.context, snapshots, asked)
      const { services, signingKeys } = snapshots.feedFor(actor)
      const [service, another] = services.filter(({ key: each }) => asked === undefined || each === asked)
      // A key that is bound to one service need not say which.
      if (another !== undefined) throw new Refusal('invalid-request')
      if (service === undefined) throw new Refusal('not-found')
      return { service: service.key, keys: [...(service.signingKeys ?? []), ...signingKeys] }
    },
  )
}

/** A service that was added a moment ago is read before it is said to be missing. */
async function findCompiled(ctx: Context, snapshots: Snapshots, serviceKey: string): Promise<CompiledService> {
  if (!snapshots.compiled().services.has(serviceKey)) await snapshots.refresh(null)
  const service = snapshots.compiled().services.get(serviceKey)
  const isOwn = ctx.actor.kind !== 'key' || ctx.actor.service === null || ctx.actor.service === service?.id
  if (service === undefined || !isOwn) throw new Refusal('not-found')
  return service
}

/** ADM-10, ADM-19: the one way into a capped share or rule, and into joining. */
export async function admit(
  ctx: Context,
  service: CompiledService,
  wanted: Newcomer,
  isAwaited: () => boolean = () => true,
): Promise<AdmissionAnswer> {
  const place = bucket(service.salt, wanted.unit)
  const isOpen = isOpenTo(service, wanted)
  const isShut = service.halt !== null || !reaches(service.ceiling, lowestCeiling[wanted.rung])
  if (service.units.removed.has(wanted.unit)) return { admitted: false, code: 'not-open' }
  if ((await findAdmission(ctx.db, service.id, wanted.unit)) !== null) return { admitted: true, code: 'already-in' }
  if (isShut || !isOpen) return { admitted: false, code: 'not-open' }
  const at = ctx.clock.now()
  const { unit: newcomer, rung } = wanted
  const deed = { service: service.id, topic: 'admission' }
  const work = () =>
    change(ctx, deed, async (tx): Promise<AdmissionAnswer> => {
      // ADM-19: before the line of the ledger, as everywhere, so that two who let in the same person wait for each other in turn.
      await lockRollout(tx, service.id)
      const entry = { serviceId: service.id, unit: newcomer, rung, at, by: 'Gateway', bucket: place }
      if (!(await insertAdmission(tx, entry))) return { admitted: true, code: 'already-in' }
      if (rung === 'join') await putChoice(tx, service.id, { unit: newcomer, value: 'new', at })
      const hasPlace = !(await isDayFull(tx, service.id, at)) && (await takePlace(tx, service.id, at, false))
      if (!hasPlace) throw new Refusal('beta-full')
      // Else a place would be taken by somebody who never hears of it.
      if (!isAwaited()) throw new NobodyWaits()
      return { admitted: true, code: 'admitted' }
    })
  try {
    return await inTurn(service.id, work)
  } catch (error) {
    if (error instanceof NobodyWaits) return { admitted: false, code: 'not-open' }
    if (error instanceof Refusal && error.code === 'beta-full') return { admitted: false, code: 'cap-reached' }
    throw error
  }
}

class NobodyWaits extends Error {}

function isOpenTo(service: CompiledService, { unit, rung, attributes: said }: Newcomer): boolean {
  if (rung === 'join') return service.joinOpen
  return rung === 'rules' ? ruleFor(service, said, unit) !== null : isInShare(service, unit)
}

const report = z.discriminatedUnion('kind', [
  z.object({ service: key, unit, kind: z.literal('choice'), value: z.enum(['current', 'new']), at: pointInTime }),
  z.object({ service: key, unit, kind: z.literal('admitted'), rung: asked, at: pointInTime }),
  z.object({ service: key, unit, kind: z.literal('left'), at: pointInTime }),
])
type Report = z.output<typeof report>

function reportsRoute(app: App, snapshots: Snapshots): void {
  const body = z.object({ reports: z.array(report).max(10_000) })
  app.post(
    '/api/v1/gateway/reports',
    { schema: { summary: 'What a gateway did by itself', answers: [200], tags, body } },
    async (request) => {
      const byService = Map.groupBy(request.body.reports, (each) => each.service)
      let stored = 0
      for (const [serviceKey, reports] of byService) {
        if ((await findService(request.context.db, serviceKey)) === null) continue
        const service = await findCompiled(request.context, snapshots, serviceKey)
        stored += await storeReports(request.context, service, reports)
      }
      return { stored }
    },
  )
}

async function storeReports(ctx: Context, service: CompiledService, reports: readonly Report[]): Promise<number> {
  const admitted = reports.flatMap((each) =>
    each.kind === 'admitted'
      ? [{ unit: each.unit, rung: each.rung, at: new Date(each.at), bucket: bucket(service.salt, each.unit) }]
      : [],
  )
  const choices = reports.filter((each) => each.kind === 'choice')
  await change(ctx, { service: service.id, topic: 'admission' }, async (tx) => {
    if (admitted.length > 0) await insertReported(tx, service.id, 'Gateway', admitted)
    for (const choice of choices) {
      await putChoice(tx, service.id, { unit: choice.unit, value: choice.value, at: new Date(choice.at) })
    }
  })
  for (const each of reports) if (each.kind === 'left') await leave(ctx, { id: service.id }, each.unit)
  return reports.length
}
