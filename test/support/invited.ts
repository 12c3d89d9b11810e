import type { TestApp } from './app.ts'

/** The link of an invitation to this address, as the gateway forwards it. */
export async function invited(app: TestApp, key: string, address: string, more: object = {}): Promise<string> {
  const wanted = { addresses: [address], ...more }
  const { json, text } = await app.asAdmin.api('POST', `/api/v1/services/${key}/invitations`, wanted)
  const link: unknown = json.results?.[0]?.link
  if (typeof link !== 'string') throw new Error(`Nobody was invited: ${text}`)
  return asForwarded(new URL(link).pathname)
}

/** Invited and accepted: the unit of somebody who is in. */
export async function letIn(app: TestApp, key: string, address: string, more: object = {}): Promise<string> {
  return acceptedBy(app, await invited(app, key, address, more))
}

export async function acceptedBy(app: TestApp, link: string): Promise<string> {
  const answer = await app.asGateway.post(`${link}/accept`, { nonce: `nonce-of-${link}` })
  const unit = answer.headers.get('x-phasegate-admit')?.split('.')[1]
  if (unit === undefined) throw new Error(`The invitation was not accepted: ${answer.text}`)
  return unit
}

export function asForwarded(path: string): string {
  return path.replace(/^\/go\//, '/edge/')
}
