import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { act, actorName, change, isDatabaseAway, Refusal, type Context, type Platform } from '../platform/index.ts'
import { elsewhereOf, findServiceById } from '../services/index.ts'
import { haltTopic, type Halt } from './admission.ts'
import type { Snapshots } from './snapshots.ts'
import { endedAmong, endHalt, explainHalt, haltInForce, insertHalt, recordedHalt } from './halt-store.ts'

/**
 * ADM-22: journal, snapshot and streams first; history and audit when the database answers. The caller has checked who
 * asks, by the door or, with the database away, by what is held in memory.
 */
export async function halt(ctx: Context, snapshots: Snapshots, serviceId: string, reason: string): Promise<Halt> {
  return begin(ctx, snapshots, serviceId, { id: randomUUID(), at: ctx.clock.now(), by: actorName(ctx.actor), reason })
}

/**
 * GW-3: one that is in force at a gateway already, made on its machine by an account there. A gateway tells of it until it
 * hears it back; one that was ended meanwhile is not begun again.
 */
export async function haltFromGateway(
  ctx: Context,
  snapshots: Snapshots,
  serviceId: string,
  told: Halt,
): Promise<{ ended: boolean }> {
  const asked = recordedHalt(ctx.db, told.id).catch((error: unknown) => {
    if (!isDatabaseAway(error)) throw error
    return 'unknown' as const
  })
  const known = await Promise.race([asked, pause(historyWaitMs, 'unknown' as const, { ref: false })])
  if (known === 'ended') return { ended: true }
  const isHeld = snapshots.halts.of(serviceId)?.id === told.id
  if (isHeld || known === 'in force') snapshots.publish()
  else await begin({ ...ctx, actor: { kind: 'system', name: told.by } }, snapshots, serviceId, told)
  return { ended: false }
}

async function begin(ctx: Context, snapshots: Snapshots, serviceId: string, wanted: Halt): Promise<Halt> {
  const begun = inForce(snapshots, serviceId, wanted)
  const isNew = begun.id === wanted.id
  if (isNew) await inTime(ctx, recordHalt(ctx, snapshots, serviceId, begun), begun)
  else {
    const { reason, by, at } = wanted
    if (reason !== '') snapshots.halts.explain(serviceId, begun.id, { reason, by, at })
    await inTime(ctx, haltAgain(ctx, snapshots, serviceId, { begun, wanted }), begun)
  }
  return snapshots.halts.of(serviceId) ?? begun
}

/** Where the journal's disk fails, whoever halts is told so, and people are sent elsewhere all the same. */
function inForce(snapshots: Snapshots, serviceId: string, wanted: Halt): Halt {
  try {
    return snapshots.halts.begin(serviceId, wanted)
  } finally {
    snapshots.publish()
  }
}

const historyWaitMs = 1_000

/** Whoever halts waits for history while it takes no time, and not for a database that is gone or hung. */
async function inTime(ctx: Context, recording: Promise<void>, { id }: Halt): Promise<void> {
  const recorded = recording.then(
    () => true,
    (error: unknown) => {
      if (!isDatabaseAway(error)) throw error
      return false
    },
  )
  if (await Promise.race([recorded, pause(historyWaitMs, false, { ref: false })])) return
  recorded.catch((error: unknown) => ctx.log.error({ err: error, halt: id }, 'a halt could not be recorded'))
  ctx.log.warn({ halt: id }, 'halted; history gets it when the database answers')
}

async function recordHalt(ctx: Context, snapshots: Snapshots, serviceId: string, halted: Halt): Promise<void> {
  const inForce = await change(ctx, { service: serviceId, topic: haltTopic }, async (tx, record) => {
    const isNew = await insertHalt(tx, serviceId, halted)
    const told = isNew ? null : await haltInForce(tx, serviceId)
    const isOther = told !== null && told.id !== halted.id
    if (!isNew && !isOther) return null
    const reason = halted.reason === '' ? {} : { reason: halted.reason }
    const service = await findServiceById(tx, serviceId)
    const where = service === null ? '' : `: everybody gets ${elsewhereOf(service)}`
    record({
      action: 'admission.halted',
      summary: isOther ? 'halted the beta, which was halted on another instance already' : `halted the beta${where}`,
      subject: halted.id,
      ...reason,
    })
    return isOther ? told : null
  })
  // Two instances that did not hear of each other halted the same service: from here on there is one halt to end.
  if (inForce === null) return snapshots.halts.recorded(halted.id)
  snapshots.halts.replace(serviceId, halted.id, inForce)
  snapshots.publish()
}

/** Another instance may have ended it a moment ago, unheard of here: whoever presses now wants it to be halted now. */
async function haltAgain(
  ctx: Context,
  snapshots: Snapshots,
  serviceId: string,
  { begun, wanted }: { begun: Halt; wanted: Halt },
): Promise<void> {
  if ((await endedAmong(ctx.db, [begun.id])).has(begun.id)) {
    snapshots.halts.end(serviceId, begun.id)
    return recordHalt(ctx, snapshots, serviceId, inForce(snapshots, serviceId, wanted))
  }
  for (const late of snapshots.halts.unexplained()) if (late.id === begun.id) await recordReason(ctx, snapshots, late)
}

async function recordReason(
  ctx: Context,
  snapshots: Snapshots,
  { serviceId, id, late }: ReturnType<Snapshots['halts']['unexplained']>[number],
): Promise<void> {
  await change(ctx, { service: serviceId, topic: haltTopic }, async (tx, record) => {
    if (!(await explainHalt(tx, id, late.reason))) return
    const { reason } = late
    record({ action: 'admission.halt-reason', summary: 'gave the reason for the halt', reason, subject: id })
  })
  snapshots.halts.explained(id)
}

/** Halts of the time when the database was away, and reasons for them, under the names of those who gave them. */
export async function recordHalts(platform: Platform, snapshots: Snapshots): Promise<void> {
  const as = (id: string, { by, at }: { by: string; at: Date }): Context => ({
    ...platform,
    clock: { now: () => at },
    actor: { kind: 'system', name: by },
    requestId: `halt ${id}`,
  })
  for (const { serviceId, halt: halted } of snapshots.halts.unrecorded())
    await recordHalt(as(halted.id, halted), snapshots, serviceId, halted)
  for (const each of snapshots.halts.unexplained()) await recordReason(as(each.id, each.late), snapshots, each)
}

const recordEveryMs = 2_000

/** Each process has a journal of its own, so each looks after its own. */
export function recordHaltsLater(platform: Platform, snapshots: Snapshots): () => void {
  let busy = false
  const timer = setInterval(() => {
    const { halts } = snapshots
    if (busy || (halts.unrecorded().length === 0 && halts.unexplained().length === 0)) return
    busy = true
    recordHalts(platform, snapshots)
      .catch((error: unknown) => platform.log.warn({ err: error }, 'a halt is not in the history yet'))
      .finally(() => (busy = false))
  }, recordEveryMs).unref()
  return () => clearInterval(timer)
}

/** Only a named person, freshly confirmed, ends a halt, and only that very one. */
export async function resume(ctx: Context, snapshots: Snapshots, serviceId: string, reason: string): Promise<void> {
  const deed = { permission: 'admission.resume', service: serviceId, topic: haltTopic, confirmed: true } as const
  await act(ctx, deed, async (tx, record) => {
    const halted = snapshots.halts.of(serviceId)
    if (halted === null) throw new Refusal('not-halted')
    await insertHalt(tx, serviceId, halted)
    if (!(await endHalt(tx, halted.id, { at: ctx.clock.now(), by: actorName(ctx.actor), reason })))
      throw new Refusal('not-halted')
    const why = reason === '' ? {} : { reason }
    record({ action: 'admission.resumed', summary: 'opened the beta again', subject: halted.id, ...why })
    return halted
  }).then((halted) => snapshots.halts.end(serviceId, halted.id))
  snapshots.publish()
}
