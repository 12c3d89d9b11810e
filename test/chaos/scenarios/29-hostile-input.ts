import { readdir, readFile } from 'node:fs/promises'
import { request as httpRequest } from 'node:http'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { attempts, operationsOf, weaknesses, type Attempt, type Operation } from '../../support/fuzz.ts'
import type { Installation, Scenario, Stage } from '../scenario.ts'

const plants: Record<string, string> = { 'refusals show their inside': 'shows-its-inside.ts' }
const people = ['service-manager', 'developer', 'support', 'assessor', 'viewer']
const slowMs = 2_000
/** A session may ask 1,200 times a minute; a key as often as it likes. */
const betweenMs = 70
const ofEachPerson = 250
const ofEachKey = 1_500
const seed = 20_261_120

export const scenario: Scenario = {
  promise: 29,
  title:
    'Every route of the API answers hostile, boundary and valid-shaped values with a documented answer, whoever asks',
  reach:
    'errors 0, internals 0, slow 0, undocumented 0; every field with every value as the admin key, samples as nine others',
  plants: Object.keys(plants),
  limitMinutes: 30,
  async run(stage, plant) {
    const file = plant === null ? undefined : plants[plant]
    const preload = file === undefined ? {} : { preload: fileURLToPath(new URL(`../plants/${file}`, import.meta.url)) }
    const installation = await stage.start({ env: { PHASEGATE_EXAMPLE: 'off' }, ...preload })
    const known = await aService(installation)
    const operations = operationsOf((await installation.api('GET', '/api/v1/openapi.json')).body)
    const all = operations.flatMap((operation, index) => attempts(operation, known, seed + index))
    const callers = await everyCaller(installation)
    const found: string[] = []
    let sent = 0
    let slow = 0
    const tell = async (attempt: Attempt, headers: Record<string, string>, as: string): Promise<void> => {
      const began = performance.now()
      const answer = await answered(installation.url, attempt, headers)
      if (performance.now() - began > slowMs) slow += 1
      sent += 1
      const weak = answer instanceof Error ? [`no answer: ${answer.message}`] : weaknesses(attempt, answer)
      for (const weakness of weak) found.push(`${nameOf(attempt.operation)} as ${as}, ${attempt.says}: ${weakness}`)
    }
    const byKeys = async () => {
      for (const attempt of plant === null ? all : spread(all, 3_000))
        await tell(attempt, callers.admin, 'the admin key')
      for (const [as, headers] of Object.entries(callers.keys))
        for (const attempt of spread(all, ofEachKey)) await tell(attempt, headers, as)
    }
    const byPeople = async () => {
      for (const attempt of spread(all, ofEachPerson)) {
        for (const [as, headers] of Object.entries(callers.people)) {
          await tell(attempt, headers, as)
          await pause(betweenMs)
        }
      }
    }
    await Promise.all([byKeys(), byPeople()])
    tellOf(stage, found)
    const of = (what: RegExp) => found.filter((each) => what.test(each)).length
    const figures: [says: string, value: number][] = [
      ['answers of 500 and above', of(/answers 5\d\d$/)],
      ['requests without an answer', of(/: no answer: /)],
      ['answers that show the inside', of(/shows its inside|error of/)],
      ['answers that are not documented', of(/not documented$/)],
      [`answers after more than ${slowMs / 1000} s`, slow],
    ]
    return { rounds: sent, figures: figures.map(([says, value]) => ({ says, value, unit: '', holds: value === 0 })) }
  },
}

const nameOf = ({ method, path }: Operation): string => `${method} ${path}`

function tellOf(stage: Stage, found: string[]): void {
  for (const each of new Set(found.slice(0, 40))) stage.say(each.slice(0, 300))
}

async function aService({ api }: Installation): Promise<Record<string, string>> {
  const added = await api('POST', '/api/v1/services', {
    key: 'permit',
    name: 'Apply for a permit',
    newUrl: 'http://127.0.0.1:9002',
    currentUrl: 'http://127.0.0.1:9001',
  })
  if (added.status !== 201) throw new Error(`The service was not added: ${JSON.stringify(added.body)}`)
  const nobody = '00000000-0000-4000-8000-000000000000'
  const names = {
    service: 'permit',
    gate: 'private-beta-to-public-beta',
    criterion: 'roll-out',
    kpi: 'completion-rate',
  }
  return { ...names, key: nobody, id: nobody, evidence: nobody, reference: '2222-2222', who: 'who@example.org' }
}

interface Callers {
  admin: Record<string, string>
  keys: Record<string, Record<string, string>>
  people: Record<string, Record<string, string>>
}

async function everyCaller(installation: Installation): Promise<Callers> {
  const bearer = (secret: string) => ({ authorization: `Bearer ${secret}` })
  const keys: Callers['keys'] = { 'a forged key': bearer('pgk_this_key_was_never_made') }
  for (const kind of ['server', 'client', 'gateway']) {
    const { body } = await installation.api('POST', '/api/v1/services/permit/keys', { name: kind, kind })
    keys[`a ${kind} key`] = bearer(body.secret)
  }
  const own: Callers['people'] = { anybody: {} }
  for (const role of people) {
    const email = `${role}@example.org`
    await installation.api('POST', '/api/v1/services/permit/team', { email, name: 'A. Example', role })
    own[role] = { cookie: await signedIn(installation, email) }
  }
  return { admin: bearer(installation.adminKey), keys, people: own }
}

/** By the link that the mail holds; without a mail server, mails are files. */
async function signedIn({ url, dataDirectory }: Installation, email: string): Promise<string> {
  const folder = join(dataDirectory, 'mails')
  for (let waited = 0; waited < 30_000; waited += 200) {
    // One that is still being written has another name.
    for (const name of (await readdir(folder).catch(() => [])).filter((each) => each.endsWith('.json'))) {
      const mail = await readFile(join(folder, name), 'utf8')
      const token = mail.includes(email) ? /\/sign-in\/link\/([\w-]+)/.exec(mail)?.[1] : undefined
      if (token === undefined) continue
      const body = new URLSearchParams({ name: 'A. Example', password: '' })
      const response = await fetch(`${url}/sign-in/link/${token}`, { method: 'POST', body, redirect: 'manual' })
      const cookie = response.headers.getSetCookie()[0]?.split(';')[0]
      if (cookie !== undefined) return cookie
    }
    await pause(200)
  }
  throw new Error(`No mail let ${email} in`)
}

function spread<T>(all: readonly T[], count: number): T[] {
  const step = Math.max(1, all.length / count)
  return Array.from({ length: Math.min(count, all.length) }, (_, index) => all[Math.floor(index * step)]).filter(
    (each) => each !== undefined,
  )
}

interface Answered {
  status: number
  contentType: string
  text: string
}

/** As every client does, again where a kept connection was closed just as it was used; an error where it gave none. */
async function answered(base: string, attempt: Attempt, headers: Record<string, string>): Promise<Answered | Error> {
  const first = await send(base, attempt, headers)
  if (!(first instanceof Unanswered)) return first
  return first.onKept ? send(base, attempt, headers) : first
}

class Unanswered extends Error {
  onKept = false
}

function send(base: string, attempt: Attempt, headers: Record<string, string>): Promise<Answered | Unanswered> {
  const { body, contentType, operation, path } = attempt
  const of = body === null ? {} : { 'content-type': contentType, 'content-length': Buffer.byteLength(body) }
  const { hostname, port } = new URL(base)
  return new Promise((resolve) => {
    const failed = (error: Error): void => {
      const unanswered = new Unanswered(error.message)
      unanswered.onKept = request.reusedSocket
      resolve(unanswered)
    }
    const request = httpRequest(
      { hostname, port, path, method: operation.method, headers: { ...headers, ...of } },
      (response) => {
        const answer = { status: response.statusCode ?? 0, contentType: response.headers['content-type'] ?? '' }
        if (answer.contentType.includes('event-stream')) {
          resolve({ ...answer, text: '' })
          return void response.destroy()
        }
        let text = ''
        response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
        response.on('end', () => resolve({ ...answer, text })).on('error', failed)
      },
    )
    request.on('error', failed)
    request.end(body ?? undefined)
  })
}
