import { randomBytes } from 'node:crypto'
import { act, type Context } from '../platform/index.ts'
import type { Service } from '../services/index.ts'
import { sayShare } from './rules.ts'
import { changeSalt, lockRollout } from './store.ts'

/** What a new salt would do (ADM-52). Everybody who is in stays in, whatever it draws. */
export interface SaltEffect {
  /** Thousandths of a percent. */
  share: number
  /** People whom the share let in: they stay, carried by name. */
  stay: number
  /** Of those who get the current service now, the part that would be drawn into the new one. */
  drawnOfOthers: number
  /** Where decisions leave no pass (OFREP, in process), the part of all that would change arm, either way. */
  changedWithoutPass: number
}

/** A unit is drawn again with chance `share`, whatever it was before: the old bucket says nothing of the new one. */
export function saltEffect({ share, stay }: { share: number; stay: number }): SaltEffect {
  const part = share / 100_000
  return { share, stay, drawnOfOthers: part, changedWithoutPass: 2 * part * (1 - part) }
}

/** ADM-52: explicit, with a reason, by name. The salt itself stands nowhere: whoever knew it could choose a unit that is drawn. */
export async function renewSalt(ctx: Context, service: Service, { reason }: { reason: string }): Promise<void> {
  const deed = { permission: 'admission.share', service: service.id, topic: 'admission' } as const
  await act(ctx, deed, async (tx, record) => {
    const { share } = await lockRollout(tx, service.id)
    const carried = await changeSalt(tx, service.id, randomBytes(16).toString('hex'))
    const kept =
      carried === 1 ? '1 person who was drawn before stays in' : `${carried} people who were drawn before stay in`
    record({
      action: 'admission.salt',
      summary: `had everybody else drawn afresh by a new salt, at a share of ${sayShare(share)}; ${kept}`,
      reason,
      detail: { share, carried },
    })
  })
}
