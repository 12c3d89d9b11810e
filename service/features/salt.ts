import { randomBytes } from 'node:crypto'
import type { Context } from '../platform/index.ts'
import type { Service } from '../services/index.ts'
import { countKept, keepByName } from './carrying.ts'
import { changeFeature } from './changing.ts'
import type { Feature } from './feature.ts'
import { switchPermission } from './rules.ts'

/** FEAT-21: explicit, with a reason, by name. The salt itself stands nowhere: whoever knew it could choose a unit that is drawn. */
export async function renewFeatureSalt(
  ctx: Context,
  service: Service,
  key: string,
  { reason }: { reason: string },
): Promise<void> {
  const permission = ({ kind }: Feature) => switchPermission[kind]
  await changeFeature(ctx, service, key, { permission, version: undefined, reason }, async (tx, feature) => {
    const kept = await countKept(tx, feature)
    await keepByName(tx, feature, ctx.clock.now())
    const keep = kept === 1 ? '1 person who had it keeps it' : `${kept} people who had it keep it`
    return {
      to: { ...feature, salt: randomBytes(16).toString('hex') },
      action: 'feature.salt',
      summary: `had everybody else drawn afresh for ${key} by a new salt; ${keep}`,
      detail: { kept },
    }
  })
}
