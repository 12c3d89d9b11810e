import { sql } from 'kysely'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { exampleKey, writeHistory } from '../../example/history.ts'
import { adminKey, gatewayKey, startApp, type TestApp } from './app.ts'
import { lastMail } from './mails.ts'
import { aWaitingPerson } from './waiting.ts'

export { exampleKey }

/** The service with its 47 days of example history, and one person who may do everything on it. */
export interface ExamplePages {
  app: TestApp
  /** What stands for `:name` in the address of a page. */
  parameter(url: string, name: string): string
  open(browser: Browser, options?: View): Promise<BrowserContext>
  close(): Promise<void>
}

export interface View {
  width?: number
  height?: number
  colorScheme?: 'light' | 'dark'
  scale?: number
  /** As the gateway asks for a page of the public. */
  asGateway?: boolean
}

export async function exampleWithHistory(): Promise<ExamplePages> {
  const app = await startApp({ env: { OUTGOING_ALLOW: '127.0.0.1', MAIL_IN: 'replies.example.org' } })
  await writeHistory({
    url: app.url,
    adminKey,
    now: app.clock.now(),
    currentUrl: 'http://127.0.0.1:9001',
    newUrl: 'http://127.0.0.1:9002',
  })
  const manager = await app.signIn('service-manager', exampleKey)
  await sql`update account set installation = 'owner', name = 'A. Example' where id = ${manager.account.id}`.execute(
    app.db,
  )
  // What a service manager may not do stands on pages too.
  await sql`insert into membership (service_id, account_id, role, since)
    select service_id, account_id, 'growth', since from membership where account_id = ${manager.account.id}`.execute(
    app.db,
  )
  const parameters = await parametersOf(app)
  return {
    app,
    parameter(url, name) {
      const named = nameIn(url, name)
      const value = parameters[named]
      if (value === undefined) throw new Error(`Say in test/support/example-pages.ts what ${name} is in ${url}`)
      return value
    },
    async open(browser, view = {}) {
      const { width = 1280, height = 900, colorScheme = 'light', scale = 1, asGateway = false } = view
      const context = await browser.newContext({
        viewport: { width, height },
        colorScheme,
        deviceScaleFactor: scale,
        reducedMotion: 'reduce',
        extraHTTPHeaders: asGateway ? edgeHeaders : {},
      })
      if (asGateway)
        await context.route(/\/\.phasegate\//, (route) => route.continue({ url: behindEdge(route.request().url()) }))
      else await context.addCookies([cookieOf(manager.headers['cookie'] ?? '', app.url)])
      return context
    },
    close: () => app.close(),
  }
}

/** The same name stands for something else in some addresses. */
function nameIn(url: string, name: string): string {
  if (name === 'token') return tokens[/\/(\w+)\/:token/.exec(url)?.[1] ?? ''] ?? name
  if (name === 'webhook' && url.startsWith('/webhooks/')) return 'webhookOfAll'
  const isOfFeature = url.includes('/features/:feature/gates/') && (name === 'gate' || name === 'criterion')
  return isOfFeature ? `${name}OfFeature` : name
}

const tokens: Readonly<Record<string, string>> = {
  room: 'room',
  quote: 'quote',
  account: 'accountLink',
  contact: 'contactLink',
  waiting: 'waitingToken',
}

// What the gateway would forward to the control plane.
const behindEdge = (url: string): string => url.replace('/.phasegate/', `/edge/${exampleKey}/`)

const edgeHeaders = {
  authorization: `Bearer ${gatewayKey}`,
  'x-phasegate-unit': 'AAAAAAAAAAAAAAAAAAAAAA',
  'x-phasegate-arm': 'new',
  'x-phasegate-visitor': 'visitor-of-this-test',
  'x-phasegate-host': 'parking.example.org',
}

function cookieOf(header: string, url: string): { name: string; value: string; url: string } {
  const [name = '', ...value] = header.split('=')
  return { name, value: value.join('='), url }
}

async function parametersOf(app: TestApp): Promise<Record<string, string>> {
  const invited = await app.asAdmin.api('POST', `/api/v1/services/${exampleKey}/invitations`, {
    addresses: ['z.example@example.org'],
    cohort: 'The last ones',
  })
  if (invited.status >= 300) throw new Error(`Nobody could be invited: ${invited.text}`)
  const invitation = /\/invitation\/([\w-]+)/.exec(invited.json.results[0].link)?.[1]
  if (invitation === undefined) throw new Error('The invitation has no link')
  const { json } = await app.asAdmin.api('GET', `/api/v1/services/${exampleKey}/feedback`)
  const everybody = await app.asAdmin.api('GET', '/api/v1/accounts')
  const waiting = await aWaitingPerson(app, exampleKey, 'y.example@example.org')
  const mails = await (await fetch(`${app.url}/mails`)).text()
  return {
    service: exampleKey,
    kpi: 'completion-rate',
    gate: 'private-beta-to-public-beta',
    criterion: 'roll-out',
    gateOfFeature: 'development-to-internal-release',
    criterionOfFeature: 'preview-tried',
    reference: json.items?.[0]?.reference ?? json.feedback?.[0]?.reference ?? '',
    token: invitation,
    ...(await aBeta(app, await aFeature(app))),
    batch: await aBatch(app),
    waitingToken: waiting.split('/').at(-1) ?? '',
    webhook: await aWebhook(app, `/api/v1/services/${exampleKey}/webhooks`, 'Incident system'),
    webhookOfAll: await aWebhook(app, '/api/v1/webhooks', 'Keeps the head of the history'),
    account: everybody.json.accounts[0].id,
    id: /href="\/mails\/([^"]+)"/.exec(mails)?.[1] ?? 'unknown',
  }
}

/** One that some people have, with more than one variant. */
async function aFeature(app: TestApp): Promise<string> {
  const home = `/api/v1/services/${exampleKey}/features`
  const description = 'People see where their permit holds on a map, in place of a list of streets'
  const { json } = await app.asAdmin.api('POST', home, { kind: 'release', name: 'Map of streets', description })
  await app.asAdmin.api('PUT', `${home}/${json.key}/switch`, { on: true, reason: 'The team tries it first' })
  const shown = { viewer: 'x.example@example.org', outsiderReason: 'They asked for the map' }
  const preview = await app.asAdmin.api('POST', `${home}/${json.key}/previews`, shown)
  const verdict = { verdict: 'no', comment: 'I cannot tell until when it holds' }
  await app.asAdmin.api('POST', `${home}/${json.key}/previews/${preview.json.id}/verdict`, verdict)
  return json.key
}

async function aBatch(app: TestApp): Promise<string> {
  const listed = await fetch(`${app.url}/api/v1/services/${exampleKey}/batches/list?name=From%20the%20fair`, {
    method: 'POST',
    headers: { authorization: `Bearer ${adminKey}`, 'content-type': 'text/csv' },
    body: 'email,Region\na.fair@example.org,North\nb.fair@example.org,South\nnot an address,South\n',
  })
  const { batch } = (await listed.json()) as { batch: { id: string } }
  return batch.id
}

/** A beta with a conversation, things to find out, a defect, and somebody who is asked to be quoted. */
async function aBeta(app: TestApp, feature: string): Promise<Record<string, string>> {
  const one = `/api/v1/services/${exampleKey}/features/${feature}`
  const put = async (method: string, path: string, body?: object) =>
    (await app.asAdmin.api(method, `${one}${path}`, body)).json
  const change = async (method: string, path: string, body: object) =>
    put(method, path, { ...body, version: (await app.asAdmin.api('GET', one)).json.version, reason: 'It is ready' })
  const tester = 'x.example@example.org'
  const cohort = 'Map testers'
  const invited = await app.asAdmin.api('POST', `/api/v1/services/${exampleKey}/invitations`, {
    addresses: [tester],
    cohort,
  })
  const accept = new URL(invited.json.results[0].link).pathname.replace(
    /^\/(go\/[^/]+|\.phasegate)/,
    `/edge/${exampleKey}`,
  )
  await app.asGateway.post(`${accept}/accept`, { nonce: 'nonce-of-a-map-tester' })
  for (const to of ['internal-release', 'beta-release']) await change('POST', '/stage', { to })
  await change('PUT', '/audience', { cohorts: [cohort] })
  await put('PUT', '/room', {
    welcome: 'Look for a street that you know, and tell us whether the map says what you expect.',
  })
  await put('POST', '/room/invitations')
  // Another delivery may hold the mail just then.
  const linkOf = async (path: string): Promise<string> => {
    await app.phasegate.platform.mail.deliverDue()
    const found = () =>
      app.mails
        .filter(({ to }) => to === tester)
        .map(({ text }) => new RegExp(`/${path}/([\\w-]+)`).exec(text)?.[1])
        .findLast((link) => link !== undefined)
    for (let tries = 0; found() === undefined && tries < 400; tries++)
      await new Promise((resolve) => setTimeout(resolve, 10))
    return found() ?? 'unknown'
  }
  const room = await linkOf('room')
  const at = `/edge/${exampleKey}/room/${room}`
  await app.asGateway.post(`${at}/settings`, { name: 'X. Example', mails: 'answers', usage: 'yes' })
  const say = (kind: string, text: string) => app.asGateway.post(`${at}/messages`, { kind, text })
  await say('experience', 'I found my street at once.\nThe colours say where I may park, and until when.')
  await say('suggestion', 'Could I see next week as well?')
  const { threads } = await put('GET', '/room/messages')
  await put('POST', '/room/messages', {
    text: 'Next week comes with the version after this one.',
    answers: threads[0].id,
  })
  await put('POST', '/unknowns', { question: 'Do people look for a street, or for where they stand?' })
  await put('POST', '/unknowns', { question: 'Is the map read on phones?' })
  const { unknowns } = await put('GET', '/learning')
  await put('PUT', `/unknowns/${unknowns[0].id}`, { answer: 'For a street, four times out of five.' })
  await put('POST', '/need-checks', { answer: 'partly', because: 'They want to know until when, not only where.' })
  const defect = {
    title: 'The map stays grey in the dark',
    severity: 'major',
    foundIn: 'beta-release',
    introducedIn: 'development',
  }
  await put('POST', '/defects', defect)
  await put('POST', '/testimonials', { message: threads[1].id, wording: 'I found my street at once.' })
  const company = { name: 'Example Ltd', address: 'contact@example.org', people: 5 }
  const { json: made } = await app.asAdmin.api('POST', `/api/v1/services/${exampleKey}/customers`, company)
  const opening = { pool: 'customers', offered: true, accounts: ['Example Ltd'], reason: 'They asked for it' }
  await put('PUT', '/beta', { ...opening, changes: 'A map stands in place of the list of streets.' })
  return {
    feature,
    room,
    quote: await linkOf('quote'),
    accountLink: new URL(made.link).pathname.split('/').at(-1) ?? '',
    contactLink: /\/contact\/([\w-]+)/.exec((await lastMail(app, company.address))?.stop ?? '')?.[1] ?? '',
  }
}

/** One with something in its log: nothing listens where it goes. */
async function aWebhook(app: TestApp, home: string, description: string): Promise<string> {
  const wanted = { url: 'http://127.0.0.1:9009/hook', description, events: ['admission.halted', 'phase.moved'] }
  const { json } = await app.asAdmin.api('POST', home, wanted)
  await app.asAdmin.api('POST', `${home}/${json.id}/test`)
  await app.phasegate.platform.webhooks.deliverDue()
  return json.id
}

/** How far a page can be scrolled sideways: never more than nothing. */
export const sideways = (page: Page): Promise<number> =>
  page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth')
