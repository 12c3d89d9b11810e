import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { parse } from 'parse5'
import { pino, type Logger } from 'pino'
import { createApp, type Phasegate } from '../../service/app.ts'
import { openMailIn } from '../../service/mail-in.ts'
import {
  addMember,
  createDiskGuard,
  fileTransport,
  findAccount,
  insertAccount,
  openDatabase,
  openSecretBox,
  openSession,
  readConfig,
  sessionCookie,
  type Account,
  type Clock,
  type Config,
  type Database,
  type Db,
  type DiskGuard,
  type MailMessage,
  type MailTransport,
  type ServiceRole,
} from '../../service/platform/index.ts'
import { findService, type GatewayFile, type NewService, type Service } from '../../service/services/index.ts'
import { testDatabase, type TestDatabase } from './database.ts'

/** The clock of a test stands still until the test moves it. */
export interface TestClock extends Clock {
  set(instant: Date | string): void
  advance(ms: number): void
}

export function testClock(start: Date | string = '2026-11-20T12:00:00Z'): TestClock {
  let now = new Date(start).getTime()
  return {
    now: () => new Date(now),
    set: (instant) => void (now = new Date(instant).getTime()),
    advance: (ms) => void (now += ms),
  }
}

export interface Answer {
  status: number
  headers: Headers
  text: string
  // oxlint-disable-next-line typescript/no-explicit-any -- the test that reads a body checks it
  json: any
  /** Texts of h1 to h3, in order. */
  headings: string[]
  location: string | null
}

export interface Client {
  get(path: string, headers?: Record<string, string>): Promise<Answer>
  post(path: string, form?: Record<string, string | string[]>, headers?: Record<string, string>): Promise<Answer>
  api(method: string, path: string, json?: unknown, headers?: Record<string, string>): Promise<Answer>
  /** What to send as headers elsewhere: in a browser, over a socket. */
  headers: Record<string, string>
}

export interface TestApp extends Client {
  url: string
  db: Db
  database: Database
  connection: TestDatabase['connection']
  clock: TestClock
  config: Config
  phasegate: Phasegate
  dataDirectory: string
  /** Mails that left, oldest first. */
  mails: MailMessage[]
  /** Port on which answers to mails are taken; null without MAIL_IN. */
  mailInPort: number | null
  asAdmin: Client
  asGateway: Client
  /** A new person with this role on the service (by key), or the owner of the installation, or a member without any role. */
  signIn(
    role: ServiceRole | 'owner' | 'member',
    service?: string,
    /** `confirmed: false` leaves the confirmation where signing in set it; else each act is freshly confirmed (ACC-5). */
    options?: { confirmed?: boolean },
  ): Promise<Client & { account: Account }>
  /** A new session of this account, as headers. */
  sessionOf(accountId: string): Promise<{ cookie: string }>
  aService(wanted?: Partial<NewService>): Promise<Service>
  close(): Promise<void>
}

export const adminKey = 'pgk_test_admin_key_of_this_run'
export const testSecretKey = 'the-secret-key-of-a-test-which-is-43-characters'
export const gatewayKey = 'pgk_test_gateway_key_of_this_run'

export interface TestAppOptions {
  clock?: TestClock
  env?: Record<string, string>
  gateway?: GatewayFile | null
  disk?: DiskGuard
  perMinute?: number
  mail?: MailTransport
  log?: Logger
  /** Another instance on the database of this one, with a data folder of its own. */
  beside?: Pick<TestApp, 'connection'>
}

/** The whole service on a port of its own, with a database of its own and a clock that stands still. */
export async function startApp(options: TestAppOptions = {}): Promise<TestApp> {
  const clock = options.clock ?? testClock()
  const { connection, drop } =
    options.beside === undefined
      ? await testDatabase()
      : { connection: options.beside.connection, drop: async () => {} }
  const dataDirectory = mkdtempSync(join(tmpdir(), 'phasegate-test-'))
  const database = openDatabase(connection)
  const config = readConfig({
    PHASEGATE_DATA: dataDirectory,
    PORT: '0',
    PHASEGATE_LOG: 'silent',
    PHASEGATE_ADMIN_KEY: adminKey,
    ...options.env,
  })
  const mails: TestApp['mails'] = []
  const files = options.mail ?? fileTransport(join(dataDirectory, 'mails'))
  const disk = options.disk ?? createDiskGuard({ directory: dataDirectory, reserveBytes: 0 })
  const phasegate = await createApp({
    db: database.db,
    clock,
    config,
    secrets: openSecretBox([testSecretKey]),
    log: options.log ?? pino({ level: process.env.TEST_LOG ?? 'silent' }),
    disk,
    gateway: options.gateway ?? null,
    perMinute: options.perMinute ?? 1_000_000,
    mail: {
      name: files.name,
      async deliver(message, at) {
        mails.push(message)
        await files.deliver(message, at)
      },
      forget: async (address) => files.forget?.(address),
    },
  })
  phasegate.keyRing.hold(gatewayKey, { name: 'test gateway', kind: 'gateway' })
  const url = await phasegate.app.listen({ host: '127.0.0.1', port: 0 })
  config.port = Number(new URL(url).port)
  const mailIn = await openMailIn(phasegate)
  const asAdmin = client(url, { authorization: `Bearer ${adminKey}` })
  let people = 0

  const sessionOf = async (accountId: string): Promise<{ cookie: string }> => {
    const ctx = { ...phasegate.platform, actor: { kind: 'anonymous' } as const, requestId: 'test' }
    const session = await database.db.transaction().execute(async (tx) => {
      const stamp = (await findAccount(tx, accountId))?.stamp ?? 0
      return openSession(ctx, tx, { accountId, stamp, way: 'password', device: '' })
    })
    return { cookie: `${sessionCookie}=${session}` }
  }

  /** However far a test moves the clock, this person has confirmed a moment ago. */
  const confirming = (person: Client, accountId: string): Client => {
    let confirmedAt = clock.now().getTime()
    const confirm = async () => {
      const now = clock.now()
      if (now.getTime() === confirmedAt) return
      confirmedAt = now.getTime()
      await sql`update session set confirmed_at = ${now} where account_id = ${accountId}`.execute(database.db)
      phasegate.app.sessions.forget(accountId)
    }
    return {
      ...person,
      post: (...given) => confirm().then(() => person.post(...given)),
      api: (method, ...given) =>
        (method === 'GET' ? Promise.resolve() : confirm()).then(() => person.api(method, ...given)),
    }
  }

  return {
    ...client(url, {}),
    url,
    db: database.db,
    database,
    connection,
    clock,
    config,
    phasegate,
    dataDirectory,
    mails,
    mailInPort: mailIn?.port ?? null,
    asAdmin,
    asGateway: client(url, { authorization: `Bearer ${gatewayKey}` }),
    async signIn(role, key, options = {}) {
      people += 1
      const email = `person${people}@example.org`
      const name = `${String.fromCharCode(64 + (people % 26 || 26))}. Example`
      const at = clock.now()
      const service = key === undefined ? null : await findService(database.db, key)
      const account = await database.db.transaction().execute(async (tx) => {
        const installation = role === 'owner' ? 'owner' : 'member'
        const account = await insertAccount(tx, {
          email,
          name,
          installation,
          passwordHash: null,
          at,
        })
        if (service !== null && role !== 'owner' && role !== 'member') {
          if (role === 'service-manager')
            await sql`delete from membership where service_id = ${service.id} and role = ${role}`.execute(tx)
          await addMember(tx, { accountId: account.id, serviceId: service.id, role, at })
        }
        return account
      })
      const person = client(url, await sessionOf(account.id))
      return options.confirmed === false ? { ...person, account } : { ...confirming(person, account.id), account }
    },
    sessionOf,
    async aService(wanted = {}) {
      const answer = await asAdmin.api('POST', '/api/v1/services', {
        key: 'permit',
        name: 'Apply for a resident parking permit',
        newUrl: 'http://127.0.0.1:9002',
        currentUrl: 'http://127.0.0.1:9001',
        journeys: [aJourney],
        ...wanted,
      })
      if (answer.status !== 201) throw new Error(`The service was not added: ${answer.text}`)
      const service = await findService(database.db, answer.json.key)
      if (service === null) throw new Error('The service is missing')
      // Decisions know of it once the snapshot was read again, which happens soon by itself.
      await phasegate.admission.snapshots.refresh(service.id)
      return service
    },
    async close() {
      await mailIn?.stop()
      await phasegate.close()
      disk.stop()
      await database.close()
      await drop()
      rmSync(dataDirectory, { recursive: true, force: true })
    },
  }
}

export const aJourney = {
  id: 'apply',
  name: 'Apply',
  savable: false,
  openDays: 30,
  start: { patterns: ['/', '/start'] },
  steps: [
    { id: 'address', name: 'Address', patterns: ['/address'] },
    { id: 'vehicle', name: 'Vehicle', patterns: ['/vehicle'] },
  ],
  endings: [
    { id: 'done', name: 'Application sent', outcome: 'completed' as const, patterns: ['/done'] },
    { id: 'not-eligible', name: 'Not eligible', outcome: 'refused' as const, patterns: ['/not-eligible'] },
    { id: 'error', name: 'Error page', outcome: 'failed' as const, patterns: ['/error'] },
  ],
}

export function client(url: string, headers: Record<string, string>): Client {
  const send = async (
    method: string,
    path: string,
    body: string | undefined,
    more: Record<string, string>,
  ): Promise<Answer> => {
    const response = await fetch(new URL(path, url), {
      method,
      redirect: 'manual',
      headers: { ...headers, ...more },
      ...(body === undefined ? {} : { body }),
    })
    const text = await response.text()
    const isJson = /\bjson\b/.test(response.headers.get('content-type') ?? '')
    return {
      status: response.status,
      headers: response.headers,
      text,
      json: isJson && text !== '' ? JSON.parse(text) : null,
      headings: isJson ? [] : headingsOf(text),
      location: response.headers.get('location'),
    }
  }
  return {
    headers,
    get: (path, more = {}) => send('GET', path, undefined, { accept: 'text/html', ...more }),
    post: (path, form = {}, more = {}) =>
      send('POST', path, formBody(form), {
        'content-type': 'application/x-www-form-urlencoded',
        accept: 'text/html',
        ...more,
      }),
    api: (method, path, json, more = {}) =>
      send(method, path, json === undefined ? undefined : JSON.stringify(json), {
        accept: 'application/json',
        ...(json === undefined ? {} : { 'content-type': 'application/json' }),
        ...more,
      }),
  }
}

function formBody(form: Record<string, string | string[]>): string {
  const body = new URLSearchParams()
  for (const [name, value] of Object.entries(form)) for (const each of [value].flat()) body.append(name, each)
  return body.toString()
}

interface Node {
  nodeName: string
  value?: string
  childNodes?: Node[]
}

function headingsOf(text: string): string[] {
  const found: string[] = []
  const walk = (node: Node): void => {
    if (/^h[1-3]$/.test(node.nodeName)) found.push(wordsOf(node).replaceAll(/\s+/g, ' ').trim())
    for (const child of node.childNodes ?? []) walk(child)
  }
  walk(parse(text))
  return found
}

function wordsOf(node: Node): string {
  return node.nodeName === '#text' ? (node.value ?? '') : (node.childNodes ?? []).map(wordsOf).join('')
}
