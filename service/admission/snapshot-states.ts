import { hash } from 'node:crypto'

/** What decides for each service, as last published: which of them changed since, and a name for each state. */
export interface SnapshotStates {
  /** By service, all that its decisions rest on. Returns the services that changed, came or went. */
  take(contents: ReadonlyMap<string, string>): ReadonlySet<string>
  /** Of one service, or of all (null). The same content has the same name in every instance. */
  nameOf(serviceId: string | null): string
}

interface State {
  content: string
  name: string
}

export function openSnapshotStates(): SnapshotStates {
  let states = new Map<string, State>()
  let nameOfAll = nameFor('')
  return {
    take(contents) {
      const changed = new Set<string>()
      const next = new Map<string, State>()
      for (const [id, content] of contents) {
        const before = states.get(id)
        const isSame = before?.content === content
        next.set(id, isSame ? before : { content, name: nameFor(content) })
        if (!isSame) changed.add(id)
      }
      for (const id of states.keys()) if (!next.has(id)) changed.add(id)
      states = next
      if (changed.size > 0)
        nameOfAll = nameFor(
          [...next.values()]
            .map(({ name }) => name)
            .toSorted()
            .join(),
        )
      return changed
    },
    nameOf: (serviceId) => (serviceId === null ? nameOfAll : (states.get(serviceId)?.name ?? 'gone')),
  }
}

function nameFor(content: string): string {
  return hash('sha256', content, 'base64url').slice(0, 16)
}
