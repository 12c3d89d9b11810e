import { once } from 'node:events'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Installation, Stage } from './scenario.ts'
import { until } from '../support/until.ts'

/** Two applications that say which one they are. */
export async function startArms(stage: Stage): Promise<{ current: string; next: string }> {
  const start = async (says: string): Promise<string> => {
    const server = http.createServer((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/plain', 'cache-control': 'no-store' }).end(says)
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    stage.onEnd(() => {
      server.closeAllConnections()
      server.close()
    })
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  }
  return { current: await start('current'), next: await start('new') }
}

export interface Visit {
  /** What answered, or 'nobody' where nothing did. */
  arm: 'current' | 'new' | 'nobody'
  /** The pass that came with it. */
  cookie: string | null
}

/** One look through the gateway, as a browser on this host's name would. */
export function visit(gatewayUrl: string, host: string, cookie: string | null): Promise<Visit> {
  return new Promise((resolve) => {
    const headers = { host, accept: 'text/html', ...(cookie === null ? {} : { cookie }) }
    const nobody = (): void => resolve({ arm: 'nobody', cookie: null })
    const request = http.get(gatewayUrl, { headers, agent: false, timeout: 5_000 }, (response) => {
      let said = ''
      response.setEncoding('utf8').on('data', (part: string) => (said += part))
      response.on('end', () => {
        const arm = said === 'new' || said === 'current' ? said : 'nobody'
        const set = response.headers['set-cookie']?.map((each) => each.split(';')[0] ?? '').join('; ')
        resolve({ arm, cookie: set ?? null })
      })
      response.on('error', nobody)
    })
    request.on('timeout', () => request.destroy(new Error('late')))
    request.on('error', nobody)
  })
}

/** A service with a host of its own and everybody in the new arm, and the pass of somebody who is there. */
export async function openedService(
  installation: Installation,
  { key, arms, gatewayUrl }: { key: string; arms: { current: string; next: string }; gatewayUrl?: string },
): Promise<{ host: string; cookie: string }> {
  const host = `${key}.example.org`
  const made = await installation.api('POST', '/api/v1/services', {
    ...{ key, name: `Service ${key}`, phase: 'public-beta', host },
    ...{ newUrl: arms.next, currentUrl: arms.current },
  })
  if (made.status !== 201) throw new Error(`${key} could not be added: ${JSON.stringify(made.body)}`)
  const opened = await installation.api('PUT', `/api/v1/services/${key}/share`, { percent: 100, reason: 'To all' })
  if (opened.status !== 200) throw new Error(`${key} could not be opened: ${JSON.stringify(opened.body)}`)
  let cookie: string | null = null
  await until(
    `${key} lets somebody in`,
    async () => {
      const seen = await visit(gatewayUrl ?? installation.gatewayUrl, host, null)
      cookie = seen.arm === 'new' ? seen.cookie : null
      return cookie !== null
    },
    15_000,
  )
  return { host, cookie: cookie ?? '' }
}

/** As it stands in the terminal: printed once all has started, and pages are there a moment before. */
export async function linkForTheFirst(installation: Installation): Promise<string> {
  const printed = () => /http:\S+\/sign-in\/link\/\S+/.exec(installation.output())?.[0]
  await until('a link for the first person is printed', () => printed() !== undefined, 120_000)
  return printed() ?? ''
}

/** Takes the installation as its first person, and resolves to the session's cookie, seen a moment ago. */
export async function signInFirst(installation: Installation): Promise<string> {
  const link = await linkForTheFirst(installation)
  const claimed = await fetch(link, {
    method: 'POST',
    redirect: 'manual',
    headers: { 'sec-fetch-site': 'same-origin' },
    body: new URLSearchParams({ name: 'A. Example', email: 'a.example@example.org', password: '' }),
  })
  const cookie = claimed.headers.getSetCookie().map((each) => each.split(';')[0])[0]
  if (claimed.status !== 303 || cookie === undefined) throw new Error(`The first person came not in: ${claimed.status}`)
  await (await fetch(`${installation.url}/`, { headers: { cookie } })).text()
  return cookie
}
