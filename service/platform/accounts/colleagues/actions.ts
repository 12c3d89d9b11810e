import { act, announceRights, must } from '../../act.ts'
import type { Context, Tx } from '../../context.ts'
import { Refusal } from '../../refusal.ts'
import { inviteNewcomer, mailInvitation } from '../actions.ts'
import { endOtherSessions } from '../sessions.ts'
import { dropLinksOf } from '../store.ts'
import {
  colleagues,
  findColleague,
  lockAccount,
  lockOwners,
  setDisabled,
  setInstallation,
  type Colleague,
  type Wanted,
} from './store.ts'

const deed = { permission: 'accounts.manage', service: null } as const

export async function listColleagues(ctx: Context, wanted: Wanted): ReturnType<typeof colleagues> {
  await must(ctx, deed.permission, null)
  return colleagues(ctx.db, wanted)
}

export async function readColleague(ctx: Context, id: string): Promise<Colleague> {
  await must(ctx, deed.permission, null)
  return existing(ctx.db, id)
}

async function existing(db: Parameters<typeof findColleague>[0], id: string): Promise<Colleague> {
  const colleague = await findColleague(db, id)
  if (colleague === null) throw new Refusal('not-found')
  return colleague
}

async function locked(tx: Tx, id: string): Promise<Colleague> {
  await lockAccount(tx, id)
  return existing(tx, id)
}

export interface Invited {
  email: string
  name: string
  installation: 'owner' | 'member'
}

/** ACC-15: an account of its own, without any team yet; owners are made only by who confirmed a moment ago. */
export async function inviteToInstallation(ctx: Context, person: Invited): Promise<string> {
  return act(ctx, { ...deed, confirmed: person.installation === 'owner' }, async (tx, record) => {
    const account = await inviteNewcomer(ctx, tx, person, 'Phasegate')
    if (account === null) throw new Refusal('account-exists', { email: person.email })
    record({
      action: 'account.invited',
      summary: `invited ${account.name} as ${words[person.installation]}`,
      subject: account.id,
    })
    return account.id
  })
}

const words = { owner: 'an owner of the installation', member: 'a member' }

/** ACC-15: the link of before dies. */
export async function inviteAgain(ctx: Context, id: string): Promise<void> {
  await act(ctx, deed, async (tx, record) => {
    const colleague = await locked(tx, id)
    if (colleague.disabledAt !== null) throw new Refusal('account-disabled', { email: colleague.email })
    if (colleague.invitedUntil === null) throw new Refusal('invitation-not-pending', { name: colleague.name })
    await dropLinksOf(tx, id, ['join'])
    await mailInvitation(ctx, tx, colleague, 'Phasegate')
    record({ action: 'account.invited-again', summary: `sent the invitation of ${colleague.name} again`, subject: id })
  })
}

/** ACC-16: whoever has less right than before is signed out; the last owner stays one. */
export async function changeInstallation(ctx: Context, id: string, to: 'owner' | 'member'): Promise<void> {
  await act(ctx, { ...deed, confirmed: true }, async (tx, record) => {
    const owners = await lockOwners(tx)
    const colleague = await locked(tx, id)
    if (colleague.disabledAt !== null) throw new Refusal('account-disabled', { email: colleague.email })
    if (colleague.installation === to) return
    if (to === 'member') {
      refuseLastOwner(owners, id)
      await setInstallation(tx, id, to)
      await endOtherSessions(ctx, tx, id)
    } else {
      await setInstallation(tx, id, to)
      await announceRights(tx, { kind: 'account', id })
    }
    record({ action: `account.made-${to}`, summary: `made ${colleague.name} ${words[to]}`, subject: id })
  })
}

function refuseLastOwner(owners: readonly string[], id: string): void {
  if (!owners.some((other) => other !== id)) throw new Refusal('last-owner')
}

/** ACC-17: sessions, streams and links on their way end. What the person did stays under their name. */
export async function disableAccount(ctx: Context, id: string): Promise<void> {
  await act(ctx, { ...deed, confirmed: true }, async (tx, record) => {
    if (ctx.actor.kind === 'account' && ctx.actor.accountId === id) throw new Refusal('not-oneself')
    const owners = await lockOwners(tx)
    const colleague = await locked(tx, id)
    if (colleague.disabledAt !== null) return
    if (colleague.installation === 'owner') refuseLastOwner(owners, id)
    await setDisabled(tx, id, ctx.clock.now())
    await dropLinksOf(tx, id, ['sign-in', 'email'])
    await endOtherSessions(ctx, tx, id)
    record({ action: 'account.disabled', summary: `disabled the account of ${colleague.name}`, subject: id })
  })
}

/** The person signs in anew, with what they had before. */
export async function enableAccount(ctx: Context, id: string): Promise<void> {
  await act(ctx, { ...deed, confirmed: true }, async (tx, record) => {
    const colleague = await locked(tx, id)
    if (colleague.disabledAt === null) return
    await setDisabled(tx, id, null)
    await announceRights(tx, { kind: 'account', id })
    record({ action: 'account.enabled', summary: `enabled the account of ${colleague.name}`, subject: id })
  })
}
