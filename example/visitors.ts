import { setTimeout as wait } from 'node:timers/promises'
import { hiddenFields, openBrowser } from './browse.ts'
import type { Browser, Page } from './browse.ts'
import { comments } from './comments.ts'
import { createRandom } from './random.ts'
import type { Random } from './random.ts'

export interface Sending {
  /** Where the example stands behind the gateway. */
  gatewayUrl: string
  visitors: number
  /** Links of invitations (`…/.phasegate/invitation/<token>`); each is opened and accepted by one of the visitors. */
  invitations?: readonly string[]
  /** The same seed sends the same people. */
  seed?: number
  /** How many are on their way at the same time. */
  together?: number
  /** The longest that a visitor rests on a page. */
  restMs?: number
  signal?: AbortSignal
  progress?: (progress: Progress) => void
}

export interface Progress {
  sent: number
  of: number
  arms: { current: number; new: number }
  completed: number
  refused: number
  failed: number
  left: number
  ratings: number
}

const service = {
  current: [
    { at: '/rpp/Welcome.do', go: '/rpp/Conditions.do' },
    { at: '/rpp/Conditions.do', send: () => ({ accept: 'Y' }) },
    { at: '/rpp/Vehicle.do', send: (person: Person) => ({ vrm: person.registration }) },
    { at: '/rpp/Tariff.do', send: (person: Person) => ({ tariff: person.months }) },
    { at: '/rpp/Abode.do', send: (person: Person) => ({ postcode: person.postcode }) },
    { at: '/rpp/Verify.do', send: () => ({}) },
  ],
  new: [
    { at: '/parking-permit', go: '/parking-permit/address' },
    { at: '/parking-permit/address', send: (person: Person) => ({ postcode: person.postcode }) },
    { at: '/parking-permit/vehicle', send: (person: Person) => ({ registration: person.registration }) },
    { at: '/parking-permit/length', send: (person: Person) => ({ months: person.months }) },
    { at: '/parking-permit/check', send: () => ({}) },
  ],
}

const endings = {
  '/rpp/Receipt.do': ['completed', 'done'],
  '/rpp/Declined.do': ['refused', 'not-eligible'],
  '/rpp/Fault.do': ['failed', 'error'],
  '/parking-permit/done': ['completed', 'done'],
  '/parking-permit/not-eligible': ['refused', 'not-eligible'],
  '/parking-permit/problem': ['failed', 'error'],
} as const

interface Person {
  userAgent: string
  postcode: string
  registration: string
  months: string
  /** Of the pages on the way, how likely each is to be the last one. */
  impatience: number
  typesBadlyFirst: boolean
}

/** Sends people through the gateway, over HTTP and as a browser without script would come. */
export async function sendVisitors(sending: Sending): Promise<Progress> {
  const { visitors, together = 4, signal, progress: tell } = sending
  const invitations = [...(sending.invitations ?? [])]
  const random = createRandom(sending.seed ?? 1)
  const progress: Progress = {
    sent: 0,
    of: visitors,
    arms: { current: 0, new: 0 },
    completed: 0,
    refused: 0,
    failed: 0,
    left: 0,
    ratings: 0,
  }
  // Drawn before anybody leaves, so that the order of the answers changes nobody's story.
  const people = Array.from({ length: visitors }, (_, index) => ({
    seed: random.between(1, 2 ** 31),
    invitation: invitations[index] ?? null,
  }))
  let next = 0
  const walk = async () => {
    for (let person = people[next++]; person && !signal?.aborted; person = people[next++]) {
      await visit(sending, person.invitation, createRandom(person.seed), progress)
      progress.sent++
      tell?.(structuredClone(progress))
    }
  }
  await Promise.all(Array.from({ length: Math.min(together, visitors) }, walk))
  return progress
}

async function visit(sending: Sending, invitation: string | null, random: Random, progress: Progress): Promise<void> {
  const person = draw(random)
  const browser = openBrowser(sending.gatewayUrl, { 'user-agent': person.userAgent })
  const rest = () => wait(random.between(0, sending.restMs ?? 120))
  if (invitation) await accept(browser, invitation)
  let page = await browser.get('/')
  const arm = page.path.startsWith('/rpp/') ? 'current' : 'new'
  progress.arms[arm]++
  let typesBadly = person.typesBadlyFirst
  for (const step of service[arm]) {
    if (random.chance(person.impatience * (arm === 'current' ? 1.7 : 1))) break
    if (page.path !== step.at) break
    await rest()
    if ('go' in step && step.go) page = await browser.get(step.go)
    else if ('send' in step && step.send) {
      if (typesBadly && /Vehicle|vehicle/.test(step.at)) {
        page = await browser.post(step.at, { vrm: 'ab-12', registration: '??' })
        typesBadly = false
      }
      page = await browser.post(step.at, step.send(person))
    }
  }
  await end(browser, page, arm, random, progress)
}

async function end(browser: Browser, page: Page, arm: 'current' | 'new', random: Random, progress: Progress) {
  const reached = Object.entries(endings).find(([path]) => path === page.path)?.[1]
  if (!reached) return void progress.left++
  const [outcome, ending] = reached
  progress[outcome]++
  if (!random.chance(0.35)) return
  const fitting = comments.filter((comment) => comment.arm === arm && comment.ending === ending)
  const chosen = fitting[random.between(0, fitting.length - 1)]
  if (!chosen) return
  const form = {
    rating: String(chosen.rating),
    comment: random.chance(0.5) ? chosen.text : '',
    journey: 'apply',
    ending,
  }
  const answer = await browser.post('/.phasegate/feedback', form)
  if (answer.status < 300) progress.ratings++
}

/** Opening the link changes nothing; the button on the page accepts. */
async function accept(browser: Browser, link: string): Promise<void> {
  const { pathname } = new URL(link)
  const page = await browser.get(pathname)
  const fields = hiddenFields(page, '/accept')
  if (fields) await browser.post(`${pathname}/accept`, fields)
}

function draw(random: Random): Person {
  const device = random.chance(0.58)
    ? 'Mozilla/5.0 (Linux; Android 15; Mobile) ExampleVisitor'
    : 'Mozilla/5.0 (X11; Linux x86_64) ExampleVisitor'
  const luck = random.next()
  const area = luck < 0.86 ? random.pick(['ZX1', 'ZX2', 'ZX3']) : 'ZX8'
  const letters = () => String.fromCharCode(random.between(65, 90)) + String.fromCharCode(random.between(65, 90))
  return {
    // Each has a browser of its own, since all come from one address.
    userAgent: `${device}/${random.hex(4)}`,
    postcode: luck > 0.97 ? 'ZX1 9ZZ' : `${area} ${random.between(1, 8)}${letters()}`,
    registration: `${letters()}${random.between(10, 76)}${letters()}${String.fromCharCode(random.between(65, 90))}`,
    months: random.pick(['3', '6', '12', '12']),
    impatience: 0.03,
    typesBadlyFirst: random.chance(0.15),
  }
}
