import { createServer, request as ask, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { ofrepSchema } from '../support/ofrep-schema.ts'

/** Stands between providers and Phasegate, and holds every OFREP answer to the description of OFREP 0.3.0. */
export interface Wire {
  url: string
  /** Answers that were looked at. */
  readonly checked: number
  /** Of each that does not fit, what it was and why. */
  readonly problems: string[]
  /** Ends every connection, and makes none until `mend`. */
  cut(): void
  mend(): void
  /** Takes questions and answers none, until told otherwise. */
  hold(isHeld: boolean): void
  stop(): Promise<void>
}

export async function openWire(target: string): Promise<Wire> {
  let checked = 0
  let isCut = false
  let isHeld = false
  const problems: string[] = []

  const server = createServer((incoming, response) => {
    if (isCut) return void incoming.socket.destroy()
    if (isHeld) return
    pass(incoming, response).catch(() => response.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))

  async function pass(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await buffer(incoming)
    const { method, url = '/', headers } = incoming
    const outgoing = ask(new URL(url, target), { method, headers })
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      outgoing.once('response', resolve).once('error', reject)
      outgoing.end(body)
    })
    const { statusCode: status = 0 } = answer
    response.writeHead(status, answer.headers)
    if (!url.startsWith('/ofrep/v1/evaluate/')) {
      response.on('close', () => answer.destroy())
      return void answer.pipe(response)
    }
    const said = await buffer(answer)
    if (method === 'POST') check(url.split('?')[0] ?? '', status, answer, said.toString('utf8'))
    response.end(said)
  }

  function check(path: string, status: number, { headers }: IncomingMessage, text: string): void {
    checked++
    const isBulk = path === '/ofrep/v1/evaluate/flags'
    const problem = (why: string): void => void problems.push(`${path} answered ${status} ${text}: ${why}`)
    if (isBulk && (status === 200 || status === 304) && !headers.etag) problem('there is no ETag')
    if (headers['access-control-expose-headers']?.includes('ETag') !== true) problem('a page may not read the ETag')
    if (status === 304) return text === '' ? undefined : problem('a 304 has no body')
    if (status === 401 || status === 403 || status === 429) return
    const name = schemaOf(isBulk, status)
    if (name === null) return problem('the description has no such status')
    const validate = ofrepSchema(name)
    if (!validate(JSON.parse(text))) problem(`it is no ${name}: ${JSON.stringify(validate.errors)}`)
  }

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get checked() {
      return checked
    },
    problems,
    cut() {
      isCut = true
      server.closeAllConnections()
    },
    mend: () => void (isCut = false),
    hold: (held) => void (isHeld = held),
    async stop() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function schemaOf(isBulk: boolean, status: number): string | null {
  if (status === 200) return isBulk ? 'bulkEvaluationSuccess' : 'serverEvaluationSuccess'
  if (status === 400) return isBulk ? 'bulkEvaluationFailure' : 'evaluationFailure'
  if (status === 404 && !isBulk) return 'flagNotFound'
  return status === 500 ? 'generalErrorResponse' : null
}
