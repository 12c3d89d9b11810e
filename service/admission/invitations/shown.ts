import { may, type Context } from '../../platform/index.ts'
import type { Service } from '../../services/index.ts'
import type { Invitation } from '../admission.ts'

/** An invitation as a role sees it: without the address where it does not see people. */
export type ShownInvitation = Omit<Invitation, 'address'> & { address: string | null }

export async function asShown(
  ctx: Context,
  service: Service,
  invitations: readonly Invitation[],
): Promise<ShownInvitation[]> {
  if (await may(ctx, 'admission.people', service.id)) return [...invitations]
  return invitations.map((invitation) => ({ ...invitation, address: null }))
}
