import { randomBytes } from 'node:crypto'
import type { Db } from '../context.ts'
import type { SecretBox } from '../secret-box.ts'
import { resealSecrets } from './store.ts'

const purpose = 'webhook-secret'

/** HOOK-2: a secret as Standard Webhooks writes it, and how it is stored. */
export function newWebhookSecret(secrets: SecretBox): { shown: string; sealed: string } {
  const shown = `whsec_${randomBytes(32).toString('base64')}`
  return { shown, sealed: secrets.seal(purpose, shown) }
}

export function openedSecret(secrets: SecretBox, sealed: string): string {
  return secrets.open(purpose, sealed)
}

/** At the start, since the key may have changed: the old one may be taken away at the next. */
export async function resealWebhooks(db: Db, secrets: SecretBox): Promise<void> {
  const anew = (sealed: string): string =>
    secrets.isCurrent(sealed) ? sealed : secrets.seal(purpose, secrets.open(purpose, sealed))
  await db.transaction().execute((tx) => resealSecrets(tx, anew))
}
