import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ErrorCode, OpenFeature, type Client } from '@openfeature/server-sdk'
import { PhasegateProvider } from '../../packages/openfeature-server/src/index.ts'
import { signInFirst } from '../chaos/door.ts'
import type { Installation } from '../chaos/scenario.ts'
import { openStage } from '../chaos/stage.ts'
import { startContractApplication } from '../support/contract-application.ts'
import { ask, type Asking } from '../support/gateway.ts'
import { until } from '../support/until.ts'
import { browsers, cohorts, rules, stages, type Act, type Phase, type Story } from './acts.ts'

/** The product as a process of its own, with its database and its gateway, and two versions of a service beside it. */
export interface Town {
  installation: Installation
  versions: { current: string; new: string }
  /** The session of its first person: an end of a halt is a person's. */
  session: string
  close(): Promise<void>
}

/** `preload`: read into the product's process, to make something there slow. */
export async function openTown(preload?: string): Promise<Town> {
  const stage = openStage(() => {})
  const [current, fresh] = [
    await startContractApplication({ name: 'current' }),
    await startContractApplication({ name: 'new' }),
  ]
  stage.onEnd(async () => void (await Promise.all([current.stop(), fresh.stop()])))
  const installation = await stage.start(preload === undefined ? {} : { preload })
  const session = await signInFirst(installation)
  const versions = { current: current.url, new: fresh.url }
  return { installation, versions, session, close: () => stage.end() }
}

/** A browser, with what it says of itself and the cookies that it was given. */
export interface Browser {
  says: { language: string; device: string }
  cookies: Map<string, string>
}

export interface Answer {
  service: boolean
  feature: boolean
  /** The rung that decides about the feature. */
  by: string
}

/** What a caller says beside who it is. */
export type Facts = Record<string, string>

/** One service of a town with its people: everything is done and asked through its doors. */
export interface Beta {
  people: Browser[]
  act(act: Act): Promise<Outcome>
  factsOf(person: Browser): Facts
  unitOf(person: Pick<Browser, 'cookies'>): string | null
  atGateway(person: Browser): Promise<boolean>
  /** Null where the answer depends on who it is, and nobody says. */
  byOfrep(unit: string | null, facts: Facts): Promise<Answer | null>
  inProcess(unit: string | null, facts: Facts): Promise<Answer | null>
  /** Until gateway and provider have heard all that the control plane decides by. */
  everybodyHeard(): Promise<void>
  state(): Promise<State>
}

export interface Outcome {
  /** 204 and the like, or a refusal with its code. */
  answered: string
  /** The unit of the pass that came with it. */
  letIn: string | null
}

/** Of the feature. */
interface Flag {
  version: number
  stage: string
  percent: number
  rules: { name: string }[]
  cohorts: string[]
}

export interface State {
  phase: Phase
  isHalted: boolean
  share: number
  joinOpen: boolean
  rules: string[]
  cap: number | null
  taken: number
  feature: { stage: string; share: number; rules: string[]; cohorts: string[] }
}

const flagName = 'release-map'
const phone = 'Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Mobile/15E148'
const desk = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0'
const reason = 'To be tried'
let betas = 0

export async function openBeta({ installation, versions, session }: Town, { begins, stage }: Story): Promise<Beta> {
  const key = `ladder-${++betas}`
  const flag = `${flagName}-${betas}`
  const host = `${key}.example.org`
  const at = `/api/v1/services/${key}`
  const gatewayPort = Number(new URL(installation.gatewayUrl).port)
  const people = Array.from({ length: browsers }, (_, n): Browser => ({
    says: { language: n % 2 === 0 ? 'en-GB,en' : 'cy-GB,cy,en', device: n < 2 ? phone : desk },
    cookies: new Map(),
  }))

  async function must<T>(method: string, path: string, body: object): Promise<T> {
    const answer = await installation.api(method, path, body)
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`)
    return answer.body as T
  }

  const made = {
    key,
    name: `Service ${key}`,
    phase: 'private-beta',
    host,
    newUrl: versions.new,
    currentUrl: versions.current,
  }
  await must('POST', '/api/v1/services', made)
  const manager = { name: 'A. Example', email: 'a.example@example.org', role: 'service-manager' }
  await must('POST', `${at}/team`, manager)
  const { secret } = await must<{ secret: string }>('POST', `${at}/keys`, { name: 'application', kind: 'server' })
  const { link } = await must<{ link: string }>('POST', `${at}/previews`, { name: 'Guests' })
  const { code } = await must<{ code: string }>('POST', `${at}/codes`, { name: 'Paper', mostUses: 1_000 })
  const mails = join(installation.dataDirectory, 'mails')
  const addressOf = (who: number): string => `person-${who}@${key}.example.org`
  for (const cohort of cohorts)
    await must('POST', `${at}/invitations`, { addresses: [`${cohort}@${key}.example.org`], cohort })
  const said = { name: 'Map', description: 'A map', kind: 'release', key: flag, appliesTo: 'new', forClients: true }
  await must('POST', `${at}/features`, said)
  await must('PUT', `${at}/features/${flag}/switch`, { on: true, reason })

  for (const to of stages.slice(1, stage + 1))
    await must('POST', `${at}/features/${flag}/stage`, { version: (await flagNow()).version, to, reason })
  await must('POST', `${at}/phase`, { to: begins, reason, waiver: reason })

  const heard = { version: 0 }
  const client = await providerOf({ url: installation.url, key: secret, domain: key, heard })

  async function browse(person: Browser, path: string, asking: Asking = {}) {
    const cookie = [...person.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const answer = await ask(gatewayPort, path, {
      ...asking,
      headers: {
        ...{ host, accept: 'text/html', 'sec-fetch-site': 'same-origin' },
        ...{ 'accept-language': person.says.language, 'user-agent': person.says.device },
        ...(cookie === '' ? {} : { cookie }),
      },
    })
    for (const line of answer.setCookies) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      if (/max-age=0/i.test(line)) person.cookies.delete(name)
      else person.cookies.set(name, value)
    }
    return answer
  }

  /** The invitations that were mailed to this person so far, the newest last. */
  async function mailed(who: number): Promise<string[]> {
    const names = (await readdir(mails)).filter((name) => name.endsWith('.json')).toSorted()
    const read = await Promise.all(names.map((name) => readFile(join(mails, name), 'utf8')))
    return read
      .map((text) => JSON.parse(text) as { to: string; text: string })
      .filter(({ to }) => to === addressOf(who))
      .flatMap((mail) => /http\S+(\/\.phasegate\/invitation\/\S+)$/m.exec(mail.text)?.[1] ?? [])
  }

  async function invite(who: number, as: string): Promise<Outcome> {
    const before = (await mailed(who)).length
    const wanted = { addresses: [addressOf(who)], ...((cohorts as readonly string[]).includes(as) && { cohort: as }) }
    const { status, body } = await installation.api('POST', `${at}/invitations`, wanted)
    const { results } = body as { results?: [{ outcome: string }] }
    if (results === undefined) return outcomeOf({ status, body })
    const [{ outcome }] = results
    if (outcome === 'invited') await until('the invitation is mailed', async () => (await mailed(who)).length > before)
    return { answered: `${status} ${outcome}`, letIn: null }
  }

  async function withdraw(who: number): Promise<Outcome> {
    const { body } = await installation.api('GET', `${at}/invitations`)
    const { invitations } = body as { invitations: { id: string; address: string; state: string }[] }
    const open = invitations.find(({ address, state }) => address === addressOf(who) && state === 'sent')
    if (open === undefined) return nobody
    return outcomeOf(await installation.api('POST', `${at}/invitations/${open.id}/revoke`, {}))
  }

  /** Opens the newest link, and presses the button on its page if there is one. */
  async function answerInvitation(kind: 'accept' | 'decline', who: number, person: Browser): Promise<AtDoor> {
    const link = (await mailed(who)).at(-1)
    if (link === undefined) return { status: null, setCookies: [] }
    if (kind === 'decline') return browse(person, `${link}/decline`, { form: {} })
    const page = await browse(person, link)
    const nonce = /name="nonce" value="([^"]+)"/.exec(page.text)?.[1]
    if (nonce !== undefined) return browse(person, `${link}/accept`, { form: { nonce } })
    return page.text.includes('/continue"') ? browse(person, `${link}/continue`, { form: {} }) : page
  }

  async function atTheDoor(kind: string, who: number, person: Browser): Promise<Outcome> {
    const post = (path: string, form: Record<string, string> = {}) => browse(person, `/.phasegate/${path}`, { form })
    const path = {
      preview: () => post(new URL(link).pathname.replace(/^\/.phasegate\//, '')),
      code: () => post('code', { code }),
      staff: enter,
      accept: () => answerInvitation('accept', who, person),
      decline: () => answerInvitation('decline', who, person),
      join: () => post('join'),
      leave: () => post('leave'),
      'choose-new': () => post('choice', { arm: 'new' }),
      'choose-current': () => post('choice', { arm: 'current' }),
      visit: () => browse(person, '/'),
    }[kind]
    if (path === undefined) throw new Error(`There is no door ${kind}`)
    const { status, setCookies } = await path()
    if (status === null) return nobody
    const pass = setCookies.find((line) => line.startsWith(`pg_${key}=`) && !/max-age=0/i.test(line))
    return { answered: String(status), letIn: pass?.split('.')[3] ?? null }

    async function enter(): Promise<AtDoor> {
      const sent = await fetch(`${installation.url}/services/${key}/admission/enter`, {
        ...{ method: 'POST', redirect: 'manual' },
        headers: { cookie: session, 'sec-fetch-site': 'same-origin' },
      })
      await sent.text()
      const to = sent.headers.get('location')
      return to === null ? { status: sent.status, setCookies: [] } : browse(person, new URL(to).pathname)
    }
  }

  async function byTeam(act: Exclude<Act, { who: number }>): Promise<{ status: number; body: unknown }> {
    switch (act.kind) {
      case 'phase':
        return installation.api('POST', `${at}/phase`, { to: act.to, reason, waiver: reason })
      case 'share':
        return installation.api('PUT', `${at}/share`, { percent: act.percent, reason })
      case 'joining':
        return installation.api('PUT', `${at}/joining`, { open: act.open, reason })
      case 'cap':
        return installation.api('PUT', `${at}/cap`, { cap: act.places, reason })
      case 'rules': {
        const { body } = await installation.api('GET', `${at}/rules`)
        const { version } = body as { version: number }
        const wanted = act.which.map((name) => ({ name, ...rules[name] }))
        return installation.api('PUT', `${at}/rules`, { version, reason, rules: wanted })
      }
      case 'halt':
        return installation.api('POST', `${at}/halt`, { reason })
      case 'resume':
        return resume()
      case 'salt':
        return installation.api('POST', `${at}/salt`, { reason, sure: true })
      case 'feature-share':
        return setAudience({ percent: act.percent })
      case 'feature-rules':
        return setAudience({ rules: act.which.map((name) => ({ name, ...rules[name] })) })
      case 'feature-cohorts':
        return setAudience({ cohorts: act.which })
      case 'feature-stage': {
        const { version, stage } = await flagNow()
        const to = stages[stages.indexOf(stage) + (act.forwards ? 1 : -1)] ?? stage
        return installation.api('POST', `${at}/features/${flag}/stage`, { version, to, reason })
      }
    }
  }

  async function resume(): Promise<{ status: number; body: unknown }> {
    const answer = await fetch(new URL(`${at}/resume`, installation.url), {
      method: 'POST',
      headers: { cookie: session, 'content-type': 'application/json', 'sec-fetch-site': 'same-origin' },
      body: JSON.stringify({ reason }),
    })
    return { status: answer.status, body: await answer.json() }
  }

  async function setAudience(wanted: object): Promise<{ status: number; body: unknown }> {
    const { version } = await flagNow()
    return installation.api('PUT', `${at}/features/${flag}/audience`, { version, reason, ...wanted })
  }

  async function flagNow(): Promise<Flag> {
    const { body } = await installation.api('GET', `${at}/features/${flag}`)
    return body as Flag
  }

  function unitOf({ cookies }: Pick<Browser, 'cookies'>): string | null {
    return cookies.get(`pg_${key}`)?.split('.')[3] ?? null
  }

  async function bulk(unit: string | null, facts: Facts) {
    const context = { ...facts, ...(unit !== null && { targetingKey: unit }) }
    const { body } = await installation.api('POST', '/ofrep/v1/evaluate/flags', { context }, secret)
    const { flags, eventStreams } = body as {
      flags: { key: string; value?: boolean; errorCode?: string; metadata?: { rung: string } }[]
      eventStreams: [{ endpoint: { requestUri: string } }]
    }
    return { flags, version: Number(eventStreams[0].endpoint.requestUri.split('since=')[1]) }
  }

  return {
    people,
    unitOf,
    async act(act) {
      if (!('who' in act)) return outcomeOf(await byTeam(act))
      const person = people[act.who]
      if (person === undefined) throw new Error(`There is no browser ${act.who}`)
      if (act.kind === 'invite') return invite(act.who, act.as)
      if (act.kind === 'withdraw') return withdraw(act.who)
      if (act.kind !== 'remove') return atTheDoor(act.kind, act.who, person)
      const unit = unitOf(person)
      if (unit === null) return nobody
      return outcomeOf(await installation.api('POST', `${at}/removals`, { who: unit, reason }))
    },
    factsOf: ({ says }) => ({
      ...{ ip: '127.0.0.1', path: '/', language: says.language.slice(0, 2) },
      device: says.device === phone ? 'mobile' : 'desktop',
    }),
    async atGateway(person) {
      const { headers } = await browse(person, '/')
      return headers['x-served-by'] === 'new'
    },
    async byOfrep(unit, facts) {
      const { flags } = await bulk(unit, facts)
      const [service, own] = [key, flag].map((each) => flags.find((found) => found.key === each))
      if (service?.errorCode === 'TARGETING_KEY_MISSING') return null
      return { service: service?.value === true, feature: own?.value === true, by: own?.metadata?.rung ?? '' }
    },
    async inProcess(unit, facts) {
      const context = { ...facts, ...(unit !== null && { targetingKey: unit }) }
      const service = await client.getBooleanDetails(key, false, context)
      if (service.errorCode === ErrorCode.TARGETING_KEY_MISSING) return null
      const own = await client.getBooleanDetails(flag, false, context)
      return { service: service.value, feature: own.value, by: String(own.flagMetadata['rung'] ?? '') }
    },
    async everybodyHeard() {
      const { version } = await bulk(null, {})
      await until('the gateway has heard of it', async () => {
        const { text } = await ask(gatewayPort, '/.phasegate/health', { headers: { host } })
        return ((JSON.parse(text) as { snapshot: number | null }).snapshot ?? 0) >= version
      })
      await until('the provider has heard of it', () => heard.version >= version)
    },
    async state() {
      const [about, door, drawn, own] = await Promise.all([
        installation.api('GET', at),
        installation.api('GET', `${at}/admission`),
        installation.api('GET', `${at}/rules`),
        flagNow(),
      ])
      const { phase } = about.body as { phase: Phase }
      const { halt, share, joinOpen, places } = door.body as {
        halt: object | null
        share: number
        joinOpen: boolean
        places: { cap: number | null; taken: number }
      }
      const rules = (drawn.body as { rules: { name: string }[] }).rules.map(({ name }) => name)
      const { percent, cohorts: named } = own
      const feature = { stage: own.stage, share: percent, rules: own.rules.map(({ name }) => name), cohorts: named }
      return { phase, isHalted: halt !== null, share, joinOpen, rules, ...places, feature }
    },
  }
}

/** Tells by `heard` which snapshot came last. */
async function providerOf(given: {
  url: string
  key: string
  domain: string
  heard: { version: number }
}): Promise<Client> {
  const { url, key, domain, heard } = given
  const listening: typeof fetch = async (...asked) => {
    const answer = await fetch(...asked)
    if (answer.body === null || !String(asked[0]).includes('/snapshot/stream')) return answer
    let last = ''
    const read = new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, out) {
        out.enqueue(chunk)
        last = (last + Buffer.from(chunk).toString('latin1')).slice(-200_000)
        for (const [, version] of last.matchAll(/"schema":1,"version":(\d+)[^\n]*\n\n/g))
          heard.version = Number(version)
      },
    })
    return new Response(answer.body.pipeThrough(read), answer)
  }
  await OpenFeature.setProviderAndWait(domain, new PhasegateProvider({ url, key, fetch: listening }))
  return OpenFeature.getClient(domain)
}

/** Null where there was nothing to press. */
type AtDoor = { status: number | null; setCookies: string[] }
const nobody: Outcome = { answered: 'nobody', letIn: null }

function outcomeOf({ status, body }: { status: number; body: unknown }): Outcome {
  const { code } = (body ?? {}) as { code?: string }
  return { answered: code === undefined ? String(status) : `${status} ${code}`, letIn: null }
}
