import type { Db } from '../context.ts'

interface Asking<T> {
  now: Promise<T>
  next: Promise<T> | null
}

/** In ms. Nobody waits longer for a question of others: a database that is away must not be waited for twice. */
const longestWaitMs = 250

/**
 * Of all who ask the same at once one asks the database. Whoever comes while that is under way waits for the question after it,
 * which all who came meanwhile share: nobody gets what was read before they asked, and nobody can write to it.
 */
export function asOne<T>(read: (db: Db, key: string) => Promise<T>): (db: Db, key: string) => Promise<T> {
  const byDb = new WeakMap<Db, Map<string, Asking<T>>>()
  return (db, key) => {
    const asked = byDb.get(db) ?? new Map<string, Asking<T>>()
    byDb.set(db, asked)
    const ask = (): Promise<T> => {
      const asking: Asking<T> = { now: read(db, key).then((found) => Object.freeze(found)), next: null }
      asked.set(key, asking)
      const end = (): void => {
        if (asking.next === null && asked.get(key) === asking) asked.delete(key)
      }
      asking.now.then(end, end)
      return asking.now
    }
    const under = asked.get(key)
    if (under === undefined) return ask()
    under.next ??= endOf(under.now).then(ask)
    return under.next
  }
}

function endOf(question: Promise<unknown>): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, longestWaitMs)
    const end = (): void => {
      clearTimeout(timer)
      resolve()
    }
    question.then(end, end)
  })
}
