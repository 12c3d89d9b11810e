import type { FastifyRequest } from 'fastify'
import { longDateWords, may, membersOf, roleNames, type Db, type Problem } from '../platform/index.ts'
import { haltControl, teamPage, type Content, type Html } from '../platform/html/index.ts'
import { isProduct, phaseOf } from './phases.ts'
import { elsewhereOf, type Service } from './service.ts'

export type Section =
  | 'overview'
  | 'admission'
  | 'features'
  | 'measures'
  | 'feedback'
  | 'gate'
  | 'deployments'
  | 'history'
  | 'team'
  | 'settings'

/** What the frame of a page tells of who gets in; the admission domain, which stands on this one, answers. */
export interface DoorState {
  halted: boolean
  peopleIn: number
}

let readDoor: (db: Db, serviceId: string) => Promise<DoorState> = async () => ({ halted: false, peopleIn: 0 })

export function useDoorState(read: typeof readDoor): void {
  readDoor = read
}

export interface ServicePage {
  /** The h1. */
  title: string
  /** Whose page it is, where the h1 does not say so, such as the name of a feature: for the title bar. */
  about?: string | undefined
  active: Section
  eyebrow?: Content
  lede?: Content
  aside?: Content
  problems?: readonly Problem[]
  footnote?: Content
  /** More for the head of the document. */
  head?: Content
  /** For a page that fits the screen of a phone. */
  isCompact?: boolean
}

const sections: { section: Section; text: string; path: string }[] = [
  { section: 'overview', text: 'Overview', path: '' },
  { section: 'admission', text: 'Who gets in', path: '/admission' },
  { section: 'features', text: 'Features', path: '/features' },
  { section: 'measures', text: 'Measures', path: '/measures' },
  { section: 'feedback', text: 'Feedback', path: '/feedback' },
  { section: 'gate', text: 'Gate', path: '/gate' },
  { section: 'deployments', text: 'Deployments', path: '/deployments' },
  { section: 'history', text: 'History', path: '/history' },
  { section: 'team', text: 'Team', path: '/team' },
  { section: 'settings', text: 'Settings', path: '/settings' },
]

/** The frame of every team page of a service: where one is, who one is, and the halt always in reach. */
export async function servicePage(request: FastifyRequest, page: ServicePage, content: Content): Promise<Html> {
  const { service } = request
  const { active, ...rest } = page
  const home = `/services/${service.key}`
  return teamPage(
    {
      ...rest,
      top: {
        service: { name: service.name, href: home },
        account: await accountLine(request),
        halt: await haltOf(request),
      },
      navigation: sections
        .filter(({ section }) => section !== 'gate' || !isProduct(service))
        .map(({ section, text, path }) => ({ text, href: `${home}${path}`, active: section === active })),
      exampleData: service.example,
      live: `${home}/live`,
    },
    content,
  )
}

/** The halt, in numbers: who is in, and where they go. */
async function haltOf(request: FastifyRequest): Promise<Html> {
  const { context: ctx, service } = request
  const home = `/services/${service.key}`
  const { halted, peopleIn } = await readDoor(ctx.db, service.id)
  const elsewhere = elsewhereOf(service)
  // In live nobody is left who would not lose it, whether they took a place or not.
  const isForEveryone = phaseOf(service).ceiling === 'everyone'
  const what = isForEveryone ? 'the service' : 'the beta'
  if (halted) {
    const text = isForEveryone
      ? `Everybody is sent to ${elsewhere}, and gets the service again with the next page after the halt.`
      : `Everybody is sent to ${elsewhere}. Whoever was in keeps the place, and gets the new service again with the next page.`
    const mayResume = await may(ctx, 'admission.resume', service.id)
    return haltControl({ what, kind: 'halted', action: `${home}/resume`, text, mayResume })
  }
  if (isForEveryone) {
    const text = `Everybody uses the service. Their next page is ${elsewhere}, until somebody ends the halt. Nobody gets an error.`
    return haltControl({ what, kind: 'running', action: `${home}/halt`, text })
  }
  const people =
    peopleIn === 1
      ? '1 person is in the beta. The next page is'
      : `${peopleIn.toLocaleString('en-GB')} people are in the beta. Their next page is`
  const text = `${people} ${elsewhere}. Nobody gets an error, and whoever is in keeps the place.`
  return haltControl({ what, kind: 'running', action: `${home}/halt`, text })
}

async function accountLine(request: FastifyRequest): Promise<{ name: string; role: string; href: string } | undefined> {
  const { actor, db } = request.context
  if (actor.kind !== 'account') return undefined
  const roles = (await membersOf(db, request.service.id)).filter(({ accountId }) => accountId === actor.accountId)
  const first = roles[0]
  return {
    name: actor.name,
    role: first === undefined ? 'owner' : roleNames[first.role].toLowerCase(),
    href: '/account',
  }
}

export function phaseEyebrow(service: Service): string {
  const since = longDateWords(service.phaseSince, service.timeZone)
  return `${phaseOf(service).name} since ${since}`
}
