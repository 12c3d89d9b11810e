import { countOnShare, renewSalt, saltEffect, type SaltEffect } from '../admission/index.ts'
import { countKept, renewFeatureSalt, switchPermission } from '../features/index.ts'
import { visitorsByDay } from '../measures/index.ts'
import { calendarDayOf, must, type Context, type Permission } from '../platform/index.ts'
import type { Service } from '../services/index.ts'
import { nextDay } from './deviation.ts'
import { readShareOf } from './reads.ts'
import type { Subject } from './subject.ts'

export interface SaltEffectInPeople extends SaltEffect {
  /** Who got the current service on the busiest of the last seven days; null where nobody was measured, and for a feature. */
  othersADay: number | null
  /** Of these, about so many would get the new one from then on. */
  drawnADay: number | null
}

function saltPermission({ feature }: Subject): Permission {
  return feature === null ? 'admission.share' : switchPermission[feature.kind]
}

/** ADM-52, FEAT-21: shown before the act. */
export async function readSaltEffect(ctx: Context, subject: Subject): Promise<SaltEffectInPeople> {
  const { service, feature } = subject
  await must(ctx, saltPermission(subject), service.id)
  if (feature === null) return effectOnService(ctx, service)
  const effect = saltEffect({ share: feature.share, stay: await countKept(ctx.db, feature) })
  return { ...effect, othersADay: null, drawnADay: null }
}

/** Days are not added up: the same person comes on several. */
async function effectOnService(ctx: Context, service: Service): Promise<SaltEffectInPeople> {
  const stay = await countOnShare(ctx.db, service.id)
  const effect = saltEffect({ share: await readShareOf(ctx.db, service.id), stay })
  const today = calendarDayOf(ctx.clock.now(), service.timeZone)
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
  subject: Subject,
  { reason }: { reason: string },
): Promise<SaltEffectInPeople> {
  const { service, feature } = subject
  const effect = await readSaltEffect(ctx, subject)
  if (feature === null) await renewSalt(ctx, service, { reason })
  else await renewFeatureSalt(ctx, service, feature.key, { reason })
  return effect
}
