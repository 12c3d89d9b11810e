import { sql } from 'kysely'
import type { TestApp } from './app.ts'
import { lastMail } from './mails.ts'

/** Things of one service, to be asked for under another: nothing of them may be found or changed there. */
export interface Owned {
  /** Null where the address names content of playbooks and pages only, which belongs to no service. */
  asked(url: string): { says: string; theirs: { value: string }; nobodys: { value: string } } | null
  /** What to send, so that the request fails at nothing but the foreign name. */
  body(url: string): unknown
  /** Everything that an act could have changed. */
  state(): Promise<unknown>
  noteTo(role: string): Promise<string>
}

const dated = '2026-11-19'
const nobody = '00000000-0000-4000-8000-000000000000'
const content = new Set(['service', 'rung', 'gate', 'criterion', 'kpi', 'hash', 'name'])

export async function ownedBy(app: TestApp, service: string): Promise<Owned> {
  const at = `/api/v1/services/${service}`
  const made = async (path: string, body: unknown) => {
    const { status, json, text } = await app.asAdmin.api('POST', path, body)
    if (status !== 201) throw new Error(`${path} answers ${status}: ${text}`)
    return json
  }
  const criterion = `${at}/gates/private-beta-to-public-beta/criteria/roll-out`
  const key = await made(`${at}/keys`, { name: 'Pipeline', kind: 'server' })
  await made(`${at}/invitations`, { addresses: ['who@example.org'] })
  const invited = await app.asAdmin.api('GET', `${at}/invitations`)
  const token = /\/invitation\/([\w-]+)/.exec(app.mails.at(-1)?.text ?? '')?.[1] ?? ''
  const preview = await made(`${at}/previews`, { name: 'A guest' })
  const feedback = await made('/api/v1/feedback', { service, rating: 2, comment: 'The button does nothing' })
  const hook = { url: 'https://192.0.32.8/hook', description: 'Incident system', events: ['key.created'] }
  const webhook = await made(`${at}/webhooks`, hook)
  const wanted = { kind: 'release', name: 'Theirs', description: 'Of the other service', appliesTo: 'both' }
  const feature = await made(`${at}/features`, wanted)
  const removals = `${at}/features/${feature.key}/removals`
  await app.asAdmin.api('POST', removals, { who: 'somebody-of-theirs', reason: 'Asked for it' })
  const removed = await app.asAdmin.api('GET', removals)
  const ofFeature = `${at}/features/${feature.key}`
  await app.asAdmin.api('POST', `${at}/team`, { email: 'theirs@example.org', name: 'A tester', role: 'product' })
  const [colleague] = (await app.asAdmin.api('GET', `${at}/team`)).json.members
  const tester = await made(`${ofFeature}/testers`, { tester: colleague.accountId, task: 'To be tried' })
  const ofTheirs = await made(`${ofFeature}/previews`, { viewer: 'who@example.org', outsiderReason: 'Theirs' })
  const evidence = await made(`${criterion}/evidence`, { title: 'Audit', dated, owner: 'A. Example' })
  const question = await made(`${at}/waiting-list/questions`, { name: 'Region', question: 'Where?', kind: 'text' })
  await app.asAdmin.api('PUT', `${at}/waiting-list/quotas`, { attribute: 'Region', value: 'North', wanted: 2 })
  const quotas = await app.asAdmin.api('GET', `${at}/waiting-list`)
  await app.asAdmin.api('POST', `${at}/not-invited`, { address: 'not@example.org' })
  const suppressed = await app.asAdmin.api('GET', `${at}/not-invited`)
  const listed = await fetch(`${app.url}${at}/batches/list?name=Theirs`, {
    method: 'POST',
    headers: { ...app.asAdmin.headers, 'content-type': 'text/csv' },
    body: 'email\ntheirs@example.org\n',
  })
  const { batch } = (await listed.json()) as { batch: { id: string } }
  const room = await roomOf(app, at, feature.key)
  const customer = await made(`${at}/customers`, { name: 'Theirs Ltd', address: 'them@example.org' })
  const stop = /\/contact\/([\w-]+)/.exec((await lastMail(app, 'them@example.org'))?.stop ?? '')?.[1] ?? ''
  const shared = new URL(customer.link).pathname.split('/').at(-1) ?? ''
  const deployment = await made(`${at}/deployments`, { reference: 'theirs', version: '1.0.0' })
  const partner = await made(`${at}/partners`, { name: 'Theirs', does: 'Checks permits' })
  const sighting = { seen: 'They share one permit', seenOn: dated, seenBy: 'A warden' }
  const unexpected = await made(`${at}/unexpected-uses`, sighting)
  const code = await made(`${at}/codes`, { name: 'A poster', mostUses: 5 })
  const known = new Map<string, [theirs: string, nobodys: string]>([
    ['customer', [customer.id, nobody]],
    ['contact/:token', [stop, 'x'.repeat(stop.length)]],
    ['account/:token', [shared, 'x'.repeat(shared.length)]],
    ['message', [room.message, nobody]],
    ['unknown', [room.unknown, nobody]],
    ['defect', [room.defect, nobody]],
    ['testimonial', [room.testimonial, nobody]],
    ['use', [room.use, nobody]],
    ['room/:token', [room.link, 'x'.repeat(room.link.length)]],
    ['quote/:token', [room.quote, 'x'.repeat(room.quote.length)]],
    ['deployment', [deployment.id, nobody]],
    ['partner', [partner.id, nobody]],
    ['unexpected', [unexpected.id, nobody]],
    ['key', [key.id, nobody]],
    ['webhook', [webhook.id, nobody]],
    ['feature', [feature.key, 'release-xxxxxx']],
    ['tester', [tester.id, nobody]],
    ['evidence', [evidence.id, nobody]],
    ['reference', [feedback.reference, '2222-2222']],
    ['who', ['who@example.org', 'not@example.org']],
    ['invitations/:id', [invited.json.invitations[0].id, nobody]],
    ['previews/:id', [preview.id, nobody]],
    ['feature previews/:id', [ofTheirs.id, nobody]],
    ['batch', [batch.id, nobody]],
    ['code', [code.id, nobody]],
    ['removals/:id', [removed.json.removals[0].id, nobody]],
    ['question', [question.id, nobody]],
    ['quota', [quotas.json.quotas[0].id, nobody]],
    ['suppressed', [suppressed.json.notInvited[0].id, nobody]],
    ['token', [token, 'x'.repeat(token.length)]],
  ])
  return {
    asked(url) {
      const names = [...url.matchAll(/(\w+)\/:(\w+)/g)].map(([, before = '', name = '']) => ({ before, name }))
      const last = names.findLast(({ name }) => !content.has(name))
      if (last === undefined) return null
      const place = `${last.before}/:${last.name}`
      const ofFeatures = url.includes('/features/') ? known.get(`feature ${place}`) : undefined
      const found = ofFeatures ?? known.get(place) ?? known.get(last.name)
      if (found === undefined) throw new Error(`Say in test/support/owned.ts what :${last.name} is in ${url}`)
      return {
        says: last.name === 'who' ? 'a stranger' : 'missing',
        theirs: { value: found[0] },
        nobodys: { value: found[1] },
      }
    },
    body(url) {
      if (url.endsWith('/readiness')) return { state: 'ready', prepared: 'Theirs', saidBy: 'A. Example', saidOn: dated }
      if (url.endsWith('/partners/:partner/end')) return { because: 'Theirs' }
      if (url.endsWith('/response')) return { response: 'Theirs' }
      if (/\/(room|learning|testimonials|unknowns|need-checks|defects|quote|rooms)(\/|$)/.test(url))
        return roomBodyFor(url)
      if (/\/customers\/.*link$/.test(url)) return { address: 'them@example.org' }
      if (url.endsWith('/beta')) return { pool: 'staff', reason: 'Theirs' }
      if (url.endsWith('/choice')) return { user: 'user-1', on: true }
      if (url.includes('/features/')) return featureBody(url)
      if (url.startsWith('/api/') && url.includes('/batches/:batch/')) return {}
      if (url.endsWith('/questions/:question')) return { name: 'Place', question: 'Where do you live?' }
      if (url.includes('/feedback/')) return { state: 'closed', decision: 'We mend it' }
      return /^\/api\/.*(\/webhooks\/|\/renew$)/.test(url) ? {} : undefined
    },
    async state() {
      const paths = [
        `${at}/invitations`,
        `${at}/admission`,
        `${at}/feedback`,
        `${at}/team`,
        `${at}/history`,
        `${at}/webhooks`,
        `${at}/partners`,
        ofFeature,
        `${ofFeature}/stages`,
        `${ofFeature}/previews`,
        `${ofFeature}/gates`,
        `${at}/features/${feature.key}`,
        removals,
        `${at}/batches`,
        `${at}/codes`,
        `${at}/waiting-list`,
        `${at}/not-invited`,
        `${at}/customers`,
        `${at}/features/${feature.key}/beta`,
        `${at}/features/${feature.key}/room`,
        `${at}/features/${feature.key}/room/messages`,
        `${at}/features/${feature.key}/learning`,
        `${at}/features/${feature.key}/testimonials`,
        criterion,
      ]
      const read = await Promise.all(paths.map((path) => app.asAdmin.api('GET', path)))
      const keys = await sql`select id, revoked_at from api_key order by id`.execute(app.db)
      return [...read.map(({ json }) => json), keys.rows]
    },
    async noteTo(role) {
      const { rows } = await sql<{ id: string }>`
        insert into notification (account_id, created_at, title, body, href)
        select account_id, now(), 'A note', 'For one person', '/' from membership where role = ${role} limit 1
        returning id`.execute(app.db)
      return rows[0]?.id ?? ''
    },
  }
}

/** The room of a feature in its beta, with something of everything that there is in one. */
async function roomOf(app: TestApp, at: string, key: string) {
  const one = `${at}/features/${key}`
  const done = async (method: string, path: string, body: object) => {
    const { status, json, text } = await app.asAdmin.api(method, path, body)
    if (status >= 300) throw new Error(`${path} answers ${status}: ${text}`)
    return json
  }
  const cohort = 'Testers'
  const address = 'tester@example.org'
  const { results } = await done('POST', `${at}/invitations`, { addresses: [address], cohort })
  const accept = `${new URL(results[0].link).pathname}/accept`
  await app.asGateway.post(accept.replace('/go/', '/edge/'), { nonce: 'nonce-of-a-tester' })
  const { version } = await done('GET', one, undefined as never)
  await done('PUT', `${one}/audience`, { cohorts: [cohort], version, reason: 'They asked' })
  await done('PUT', `${one}/room`, { welcome: 'Welcome' })
  await done('POST', `${one}/room/invitations`, {})
  await app.phasegate.platform.mail.deliverDue()
  const link = /\/room\/([\w-]+)/.exec(app.mails.findLast(({ to }) => to === address)?.text ?? '')?.[1] ?? ''
  const service = at.split('/').at(-1) ?? ''
  await app.post(`/go/${service}/room/${link}/messages`, { kind: 'experience', text: 'It works' })
  const { threads } = await done('GET', `${one}/room/messages`, undefined as never)
  const message: string = threads[0].id
  const { id: unknown } = await done('POST', `${one}/unknowns`, { question: 'Is it read?' })
  const wanted = { title: 'It stops', severity: 'minor', foundIn: 'development', introducedIn: 'development' }
  const { id: defect } = await done('POST', `${one}/defects`, wanted)
  const { id: testimonial } = await done('POST', `${one}/testimonials`, { message, wording: 'It works' })
  await app.phasegate.platform.mail.deliverDue()
  const quote = /\/quote\/([\w-]+)/.exec(app.mails.findLast(({ to }) => to === address)?.text ?? '')?.[1] ?? ''
  await app.post(`/go/${service}/quote/${quote}`, { act: 'approve' })
  const { id: use } = await done('POST', `${one}/testimonials/${testimonial}/uses`, { place: 'Start page' })
  return { message, unknown, defect, testimonial, use, link, quote }
}

function roomBodyFor(url: string): unknown {
  if (url.includes('/unknowns/')) return { answer: 'Theirs' }
  if (url.endsWith('/unknowns')) return { question: 'Theirs' }
  if (/need(-checks)?$/.test(url)) return { answer: 'hit', because: 'Theirs' }
  if (url.endsWith('/defects'))
    return { title: 'Theirs', severity: 'minor', foundIn: 'development', introducedIn: 'development' }
  if (url.endsWith('/withdraw')) return { because: 'Theirs' }
  if (url.endsWith('/uses')) return { place: 'Theirs' }
  if (url.endsWith('/testimonials')) return { message: nobody, wording: 'Theirs' }
  if (url.endsWith('/room/mails')) return { wanted: 'yes' }
  if (url.endsWith('/messages')) return { text: 'Theirs', kind: 'experience' }
  if (url.endsWith('/settings')) return { mails: 'none' }
  return url.endsWith('/room') ? { welcome: 'Theirs' } : {}
}

function featureBody(url: string): unknown {
  if (/\/plan(\/(answer|close))?$/.test(url)) return { steps: [], answer: 'Theirs' }
  if (url.endsWith('/plan/salt')) return { saltReason: 'Theirs', sure: 'yes' }
  if (url.endsWith('/salt')) return { reason: 'Theirs', sure: true }
  const act = { version: 1, reason: 'Theirs' }
  const ofGate = gateBodies.find(([end]) => url.endsWith(end))
  if (ofGate !== undefined) return ofGate[1]
  if (url.endsWith('/removals')) return { who: 'somebody', reason: 'Theirs' }
  if (url.endsWith('/previews')) return { viewer: 'who@example.org', outsiderReason: 'Theirs' }
  if (url.endsWith('/stages')) return { ...act, stages: ['internal-release', 'public-release', 'removal'] }
  if (url.endsWith('/stage')) return { ...act, to: 'internal-release' }
  if (url.endsWith('/removal-confirmations')) return { role: 'growth' }
  return url.endsWith('/switch') ? { ...act, on: true } : act
}

const gateBodies: readonly [end: string, body: object][] = [
  ['/previews/:id/verdict', { verdict: 'yes' }],
  ['/verdicts', { who: nobody, said: 'yes' }],
  ['/verdict', { verdict: 'met', comment: '', reason: 'Theirs' }],
  ['/waiver', { reason: 'Theirs', owner: 'A. Example', endsOn: '2026-12-01' }],
  [
    '/condition-waivers',
    { condition: 'stages.announced', reason: 'Theirs', owner: 'A. Example', endsOn: '2026-12-01' },
  ],
  ['/evidence', { title: 'Audit', dated, owner: 'A. Example' }],
  ['/sign-offs', { role: 'growth' }],
  ['/date', { day: null }],
  ['/decision', { outcome: 'stay', reason: 'Theirs' }],
  ['/playbook', { version: '1.0' }],
  ['/beta-decision', { takes: 'no', reason: 'Theirs', growth: nobody, support: nobody }],
  ['/beta-request', { note: 'Theirs' }],
  ['/beta-acknowledgements', { role: 'growth' }],
  ['/planning-records', { talkedOn: dated, note: 'Theirs' }],
  ['/announcements', { body: 'Theirs', publicOn: '2026-12-19' }],
  ['/testers', { tester: nobody, task: 'Theirs' }],
  ['/result', { result: 'works' }],
]
