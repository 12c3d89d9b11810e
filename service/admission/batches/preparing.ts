import { setTimeout as pause } from 'node:timers/promises'
import { actorName, Refusal, refusalFor, type Context } from '../../platform/index.ts'
import type { Service } from '../../services/index.ts'
import { longestSilenceMs, type Batch, type Preparing } from './batch.ts'
import { deleteBatch, insertBatch, putPreparing } from './store.ts'

/** How long somebody waits for a list or a draw, in real ms, before the answer is where to look. */
export const patienceMs = { page: 2_000, api: 25_000, none: 0 }

const beatMs = 1_000

export type Progress = Pick<Preparing, 'lines' | 'percent'>

/** What becomes of it: `isDone` is false where the work goes on and the batch tells how. */
export interface Prepared {
  id: string
  isDone: boolean
}

/**
 * ADM-73: makes a batch by work that may be long. Whoever waits for it gets its refusal, and nothing is left behind; after that
 * the work goes on by itself, and the batch says how far it is and why it broke off.
 */
export async function prepareBatch(
  ctx: Context,
  service: Service,
  batch: Pick<Batch, 'name' | 'source' | 'overInvite'> & { patience: number },
  work: (id: string, tell: (progress: Progress) => void) => Promise<void>,
): Promise<Prepared> {
  const { patience, ...named } = batch
  let progress: Progress = { lines: 0, percent: null }
  const preparing = (): Preparing => ({ heardAt: ctx.clock.now().toISOString(), ...progress, brokeOff: null })
  const id = await ctx.db.transaction().execute((tx) =>
    insertBatch(tx, {
      ...{ ...named, serviceId: service.id, state: 'reading', createdBy: actorName(ctx.actor) },
      ...{ at: ctx.clock.now(), preparing: preparing() },
    }),
  )
  const stopBeating = beat(ctx, () => putPreparing(ctx.db, id, preparing()))
  const done = work(id, (to) => (progress = to)).finally(stopBeating)
  const ended = done.then(
    () => 'done' as const,
    (error: unknown) => ({ error }),
  )
  // Whoever asked not to wait gets one answer, however fast the work is.
  const first =
    patience === patienceMs.none
      ? 'left'
      : await Promise.race([ended, pause(patience, 'left' as const, { ref: false })])
  if (first === 'done') return { id, isDone: true }
  if (first !== 'left') {
    await deleteBatch(ctx.db, id)
    throw first.error
  }
  void done.catch((error: unknown) => breakOff(ctx, id, { ...preparing(), brokeOff: whyOf(error) }, error))
  return { id, isDone: false }
}

/** One at a time; a beat that fails is missed, and the next one tells. */
function beat(ctx: Context, tell: () => Promise<unknown>): () => void {
  let isTelling = false
  const timer = setInterval(() => {
    if (isTelling) return
    isTelling = true
    tell()
      .catch((error: unknown) => ctx.log.warn({ err: error }, 'how far a batch has come could not be written'))
      .finally(() => (isTelling = false))
  }, beatMs).unref()
  return () => clearInterval(timer)
}

function whyOf(error: unknown): string {
  const refusal = refusalFor(error)
  return refusal === null
    ? 'Something went wrong here, and is in the log. Try it again.'
    : `${refusal.title}. ${refusal.whatToDo}`
}

/** Where the batch was discarded meanwhile there is nobody to tell. */
async function breakOff(ctx: Context, id: string, preparing: Preparing, error: unknown): Promise<void> {
  try {
    const isThere = await putPreparing(ctx.db, id, preparing)
    if (isThere && !(error instanceof Refusal)) ctx.log.error({ err: error, batch: id }, 'a batch broke off')
  } catch (other) {
    // Without a database: the batch says so by itself once it has not been heard of for a while.
    ctx.log.error({ err: error, also: other, batch: id }, 'a batch broke off')
  }
}

/** Null while it goes on. A process that ended tells nothing any more. */
export function brokenOff(
  { state, preparing, createdAt }: Pick<Batch, 'state' | 'preparing' | 'createdAt'>,
  at: Date,
): string | null {
  if (state !== 'reading') return null
  if (preparing !== null && preparing.brokeOff !== null) return preparing.brokeOff
  const heardAt = preparing === null ? createdAt : new Date(preparing.heardAt)
  return at.getTime() - heardAt.getTime() > longestSilenceMs
    ? 'It was cut off under way: Phasegate or its database was stopped. Try it again.'
    : null
}
