import { countLadder, renewSalt, saltEffect, type SaltEffect } from '../admission/index.ts'
import { visitorsByDay } from '../measures/index.ts'
import { must, type Context } from '../platform/index.ts'
import type { Service } from '../services/index.ts'
import { dayIn, nextDay } from './deviation.ts'
import { readShareOf } from './reads.ts'

export interface SaltEffectInPeople extends SaltEffect {
  /** Who got the current service on the busiest of the last seven days; null where nobody was measured. */
  othersADay: number | null
  /** Of these, about so many would get the new one from then on. */
  drawnADay: number | null
}

/** ADM-52: shown before the act. Days are not added up: the same person comes on several. */
export async function readSaltEffect(ctx: Context, service: Service): Promise<SaltEffectInPeople> {
  await must(ctx, 'admission.share', service.id)
  const { letIn } = await countLadder(ctx.db, service.id)
  const effect = saltEffect({ share: await readShareOf(ctx.db, service.id), stay: letIn.share })
  const today = dayIn(service.timeZone, ctx.clock.now())
  const days = await visitorsByDay(ctx.db, service.id, 'current', { from: nextDay(today, -7), to: today })
  const othersADay = days.length === 0 ? null : Math.max(...days.map(({ n }) => n))
  return {
    ...effect,
    othersADay,
    drawnADay: othersADay === null ? null : Math.round(othersADay * effect.drawnOfOthers),
  }
}

/** Answers with what was done: the effect that was shown before. */
export async function drawAfresh(
  ctx: Context,
  service: Service,
  { reason }: { reason: string },
): Promise<SaltEffectInPeople> {
  const effect = await readSaltEffect(ctx, service)
  await renewSalt(ctx, service, { reason })
  return effect
}
