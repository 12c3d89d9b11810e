import type { FastifyRequest } from 'fastify'
import { Refusal, type Context, type Problem } from '../platform/index.ts'
import type { GateView } from './gates.ts'
import { subjectOf } from './ground.ts'
import { readGate } from './reads.ts'
import { homeOf, type Subject } from './subject.ts'

/** Pages are not in the description of the API. */
export const hide = { schema: { hide: true } }

/** A form of a gate, a criterion or the playbook that comes back: what was wrong, and what was typed. */
export interface Tried {
  problems: Problem[]
  values: Record<string, unknown>
}
export const nothingTried: Tried = { problems: [], values: {} }

export const home = async (request: FastifyRequest): Promise<string> => homeOf(await subjectOf(request))
export const nameOf = ({ actor }: Context): string => (actor.kind === 'account' ? actor.name : 'this key')

/** A rule's refusal is shown where it was tried, with what was typed; anything else goes to the error page. */
export function problemOf(error: unknown, field: string): Problem {
  if (error instanceof Refusal && error.status !== 404 && error.code !== 'confirm-again')
    return { field: error.code === 'day-ahead' ? 'dated' : field, message: `${error.title}. ${error.whatToDo}` }
  throw error
}

export async function viewOf({ context: ctx }: FastifyRequest, subject: Subject, gate: string): Promise<GateView> {
  const view = await readGate(ctx.db, ctx.clock.now(), subject, gate)
  if (view === null) throw new Refusal('not-found')
  return view
}

export function sectionOf({ kind }: Subject): 'gate' | 'features' {
  return kind === 'feature' ? 'features' : 'gate'
}
