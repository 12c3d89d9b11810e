import { UsageProblem, type Io } from './command.ts'

/** A refusal, in the words that the pages show, or an installation that does not answer. */
export class ApiProblem extends Error {}

/** Nobody is there, or not in time, or without the database that it needs. */
export class DoesNotAnswer extends ApiProblem {}

interface ProblemDocument {
  title?: string
  detail?: string
  errors?: { field: string; message: string }[]
}

/** Asks the running installation, as its admin key. */
export async function ask(
  io: Io,
  method: 'GET' | 'POST',
  path: string,
  body?: object,
  limitMs = 30_000,
): Promise<unknown> {
  const key = io.env.PHASEGATE_ADMIN_KEY
  if (!key) {
    throw new UsageProblem('Set PHASEGATE_ADMIN_KEY to the admin key with which the installation was started.')
  }
  const base = io.env.PHASEGATE_URL || 'http://127.0.0.1:4600'
  if (!URL.canParse(base)) throw new UsageProblem(`PHASEGATE_URL is not an address: ${base}`)
  const response = await reach(new URL(path, base), {
    method,
    headers: {
      authorization: `Bearer ${key}`,
      accept: 'application/json',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(limitMs),
  })
  const said: unknown = await response.json().catch(() => null)
  if (response.ok) return said
  const words = wordsOf(response.status, said ?? {})
  throw response.status >= 500 ? new DoesNotAnswer(words) : new ApiProblem(words)
}

async function reach(url: URL, options: RequestInit): Promise<Response> {
  try {
    return await fetch(url, options)
  } catch (error) {
    const { cause, message } = error as { cause?: { code?: string }; message: string }
    throw new DoesNotAnswer(
      `Phasegate does not answer at ${url.origin} (${cause?.code ?? message}). Start it, or set PHASEGATE_URL to where it runs.`,
    )
  }
}

function wordsOf(status: number, { title, detail, errors = [] }: ProblemDocument): string {
  const fields = errors.map(({ field, message }) => `  ${field.replace(/^body\./, '')}: ${message}`)
  return [`${title ?? `The installation answered ${status}`}.`, ...(detail ? [detail] : []), ...fields].join('\n')
}
