import type { FastifyRequest } from 'fastify'
import { membersOf, roleNames, type Db, type Problem } from '../platform/index.ts'
import { teamPage, type Content, type Html } from '../platform/html/index.ts'
import { haltPanel } from './pages/halt-panel.ts'
import { phaseOf } from './phases.ts'
import type { Service } from './service.ts'

export type Section = 'overview' | 'admission' | 'measures' | 'feedback' | 'gate' | 'history' | 'team' | 'settings'

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
  active: Section
  eyebrow?: Content
  lede?: Content
  aside?: Content
  problems?: readonly Problem[]
  footnote?: Content
}

const sections: { section: Section; text: string; path: string }[] = [
  { section: 'overview', text: 'Overview', path: '' },
  { section: 'admission', text: 'Who gets in', path: '/admission' },
  { section: 'measures', text: 'Measures', path: '/measures' },
  { section: 'feedback', text: 'Feedback', path: '/feedback' },
  { section: 'gate', text: 'Gate', path: '/gate' },
  { section: 'history', text: 'History', path: '/history' },
  { section: 'team', text: 'Team', path: '/team' },
  { section: 'settings', text: 'Settings', path: '/settings' },
]

/** The frame of every team page of a service: where one is, who one is, and the halt always in reach. */
export async function servicePage(request: FastifyRequest, page: ServicePage, content: Content): Promise<Html> {
  const { context: ctx, service } = request
  const { active, ...rest } = page
  const home = `/services/${service.key}`
  return teamPage(
    {
      ...rest,
      top: {
        service: { name: service.name, href: home },
        account: await accountLine(request),
        halt: haltPanel({ ...(await readDoor(ctx.db, service.id)), home, hasCurrent: service.currentUrl !== null }),
      },
      navigation: sections.map(({ section, text, path }) => ({
        text,
        href: `${home}${path}`,
        active: section === active,
      })),
      exampleData: service.example,
      live: `${home}/live`,
    },
    content,
  )
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
  const since = service.phaseSince.toLocaleDateString('en-GB', {
    day: 'numeric',
    month: 'long',
    year: 'numeric',
    timeZone: service.timeZone,
  })
  return `${phaseOf(service).name} since ${since}`
}
