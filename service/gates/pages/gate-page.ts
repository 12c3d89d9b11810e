import type { Problem, ServiceRole } from '../../platform/index.ts'
import type { Values } from '../../platform/html/index.ts'
import type { CriterionView, Decision, GateView } from '../gates.ts'

export const filters = ['all', 'mine', 'missing', 'disagree'] as const
export type Filter = (typeof filters)[number]

export interface GatePage {
  view: GateView
  home: string
  timeZone: string
  filter: Filter
  roles: ServiceRole[]
  may: { decide: boolean; sign: boolean; waive: boolean }
  /** Everybody on the team, for the sign-offs. */
  members: { name: string; role: ServiceRole }[]
  decisions: Decision[]
  others: { name: string; href: string }[]
  groups: { id: string; name: string }[]
  newerPlaybook: string | null
  name: string
  today: string
  problems: Problem[]
  values: Values
}

export function criterionHref({ home, view }: GatePage, { criterion }: CriterionView): string {
  return `${home}/gates/${view.gate.id}/criteria/${criterion.id}`
}
