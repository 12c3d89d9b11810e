import { stageIds, stageOf, type Stage } from '../features/index.ts'
import type { SignalRegistry } from '../platform/index.ts'
import { danglingNames, type Playbook } from './playbook.ts'
import { builtIn, PlaybookProblem, readPlaybookFiles } from './playbook-files.ts'

/** Every version of every playbook that this installation knows. */
export interface Playbooks {
  all: readonly Playbook[]
  find(id: string, version: string): Playbook | null
  /** The version in force on a day; the earliest there is for a day before all of them. */
  inForce(id: string, at: Date): Playbook
  newest(id: string): Playbook
}

/** Reads playbooks/*.yaml. One that does not fit the schema, or names what does not exist, is refused by name. */
export function loadPlaybooks(
  signals: SignalRegistry,
  { directories = [builtIn], memo = null }: { directories?: string[]; memo?: string | null } = {},
): Playbooks {
  const files = readPlaybookFiles(directories, memo)
  return playbooks(files.map(({ name, value }) => checked(name, withStages(name, value as Written), signals)))
}

type Written =
  | (Playbook & { subject: 'service' })
  | (Omit<Playbook, 'phases'> & { subject: 'feature'; phases: { id: Stage['id']; guidance: string }[] })

/** GATE-18: what the stages of a feature are, the domain of features says; a playbook says what to do in each. */
function withStages(name: string, written: Written): Playbook {
  if (written.subject === 'service') return written
  const given = written.phases.map(({ id }) => id)
  if (given.join() !== stageIds.join())
    throw new PlaybookProblem(`${name}: the stages of a feature are ${stageIds.join(', ')}, not ${given.join(', ')}`)
  const phases = written.phases.map(({ id, guidance }) => {
    const { name: called, ceiling, opensTo } = stageOf(id)
    return { id, name: called, ceiling, opensTo, guidance, label: null, expectedDays: null }
  })
  return { ...written, phases }
}

/** GATE-2: a playbook that names an unknown signal is refused when it is loaded. */
export function checked(name: string, playbook: Playbook, signals: SignalRegistry): Playbook {
  const wrong = danglingNames(playbook, signals)
  if (wrong.length > 0) throw new PlaybookProblem(`${name}: ${wrong.join('; ')}`)
  return playbook
}

export function playbooks(all: readonly Playbook[]): Playbooks {
  const versions = (id: string) =>
    all.filter((playbook) => playbook.id === id).toSorted((a, b) => a.inForceSince.localeCompare(b.inForceSince))
  const some = (playbook: Playbook | undefined, id: string): Playbook => {
    if (playbook === undefined) throw new PlaybookProblem(`There is no playbook ${id}`)
    return playbook
  }
  return {
    all,
    find: (id, version) => all.find((playbook) => playbook.id === id && playbook.version === version) ?? null,
    inForce(id, at) {
      const day = at.toISOString().slice(0, 10)
      const known = versions(id)
      return some(known.findLast(({ inForceSince }) => inForceSince <= day) ?? known[0], id)
    },
    newest: (id) => some(versions(id).at(-1), id),
  }
}
