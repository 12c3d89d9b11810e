import { change } from '../../act.ts'
import type { Context, Person } from '../../context.ts'
import { Refusal } from '../../refusal.ts'
import { teamUrl } from '../actions.ts'
import { refuseUnconfirmed } from '../confirmation.ts'
import { endOtherSessions, openSession } from '../sessions.ts'
import { findAccount } from '../store.ts'
import { askForNewPasskey, madePasskey, usedPasskey, type Asked } from './ceremony.ts'
import { deletePasskey, insertPasskey, passkeysOf } from './store.ts'

export const mostPasskeys = 20

/** Null where the passkey is none of ours, or was not asked for in this browser. */
export async function signInByPasskey(
  ctx: Context,
  browser: string,
  sent: string,
  device: string,
): Promise<string | null> {
  const passkey = await usedPasskey(ctx, { purpose: 'sign-in', holder: browser }, sent)
  const account = passkey === null ? null : await findAccount(ctx.db, passkey.accountId)
  if (account === null) return null
  return change(ctx, { service: null }, async (tx, record) => {
    record({ action: 'account.signed-in', summary: 'signed in by passkey', subject: account.id })
    return openSession(ctx, tx, { accountId: account.id, stamp: account.stamp, way: 'passkey', device })
  })
}

/** ACC-32: a passkey is added only by somebody who confirmed a moment ago to be that person. */
export async function beginPasskey(ctx: Context, person: Person): Promise<object> {
  refuseUnconfirmed(ctx)
  const known = await passkeysOf(ctx.db, person.accountId)
  if (known.length >= mostPasskeys) throw new Refusal('passkeys-enough', { most: mostPasskeys })
  return askForNewPasskey(ctx, adding(person), person, known)
}

function adding({ sessionId }: Person): Asked {
  return { purpose: 'add', holder: sessionId }
}

/** False where the device made none that can be believed. */
export async function addPasskey(ctx: Context, person: Person, name: string, sent: string): Promise<boolean> {
  refuseUnconfirmed(ctx)
  const made = await madePasskey(ctx, adding(person), sent)
  if (made === null) return false
  return change(ctx, { service: null }, async (tx, record) => {
    if (!(await insertPasskey(tx, { ...made, accountId: person.accountId, name, addedAt: ctx.clock.now() })))
      return false
    record({ action: 'account.passkey-added', summary: `added the passkey “${name}”`, subject: person.accountId })
    await ctx.mail.send(
      {
        to: person.email,
        subject: 'A passkey was added to your account',
        text: `The passkey “${name}” now signs you in.\n\nIf that was not you, remove it and set a new password:\n\n${teamUrl(ctx, '/account')}\n`,
      },
      tx,
    )
    return true
  })
}

export async function removePasskey(ctx: Context, person: Person, id: string): Promise<void> {
  refuseUnconfirmed(ctx)
  await change(ctx, { service: null }, async (tx, record) => {
    const name = await deletePasskey(tx, person.accountId, id)
    if (name === null) throw new Refusal('not-found')
    await endOtherSessions(ctx, tx, person.accountId)
    record({
      action: 'account.passkey-removed',
      summary: `removed the passkey “${name}”; other sessions ended`,
      subject: person.accountId,
    })
    await ctx.mail.send(
      {
        to: person.email,
        subject: 'A passkey was removed from your account',
        text: `The passkey “${name}” no longer signs you in, and you are signed out everywhere but where you removed it.\n\nIf that was not you, set a new password:\n\n${teamUrl(ctx, '/account')}\n`,
      },
      tx,
    )
  })
}
