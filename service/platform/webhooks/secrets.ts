import { randomBytes } from 'node:crypto'
import type { Db } from '../context.ts'
import type { SecretBox } from '../secret-box.ts'
import { resealSecrets, type Kept } from './store.ts'
import type { Webhook } from './webhooks.ts'

const purpose = 'webhook-secret'
const addressPurpose = 'webhook-address'

/** HOOK-2: a secret as Standard Webhooks writes it, and how it is stored. */
export function newWebhookSecret(secrets: SecretBox): { shown: string; sealed: string } {
  const shown = `whsec_${randomBytes(32).toString('base64')}`
  return { shown, sealed: secrets.seal(purpose, shown) }
}

export function openedSecret(secrets: SecretBox, sealed: string): string {
  return secrets.open(purpose, sealed)
}

/** HOOK-2: whoever knows the address of a chat can write there, so only its host is kept and shown as it is. */
export function keptAddress(
  secrets: SecretBox,
  { kind, url }: Pick<Webhook, 'kind' | 'url'>,
): Pick<Kept, 'url' | 'sealedUrl'> {
  if (kind !== 'chat') return { url, sealedUrl: null }
  return { url: new URL(url).origin, sealedUrl: secrets.seal(addressPurpose, url) }
}

export function openedAddress(secrets: SecretBox, { url, sealedUrl }: Pick<Kept, 'url' | 'sealedUrl'>): string {
  return sealedUrl === null ? url : secrets.open(addressPurpose, sealedUrl)
}

/** At the start, since the key may have changed: the old one may be taken away at the next. */
export async function resealWebhooks(db: Db, secrets: SecretBox): Promise<void> {
  const anew = (sealed: string): string =>
    secrets.isCurrent(sealed) ? sealed : secrets.seal(purpose, secrets.open(purpose, sealed))
  await db.transaction().execute((tx) =>
    resealSecrets(tx, (kept) => {
      const isOld = kept.kind === 'chat' && !(kept.sealedUrl !== null && secrets.isCurrent(kept.sealedUrl))
      const address = isOld ? keptAddress(secrets, { kind: 'chat', url: openedAddress(secrets, kept) }) : {}
      return { ...kept, ...address, secret: anew(kept.secret), before: kept.before === null ? null : anew(kept.before) }
    }),
  )
}
