/** Adds a list of texts; whether a text is on it is answered from then on. */
type AddList = (values: readonly string[]) => (value: string) => boolean
/** By attribute. */
export type ValueLists = (attribute: string) => AddList

/**
 * The lists of texts that the rules of a snapshot name, by attribute. Whoever is asked about on a hundred features has one
 * region and one id: each is looked up once, for all lists on its attribute, and not again while the same value is asked for.
 *
 * @example const isNorth = valueLists()('region')(['north', 'far north']); isNorth('north') // true
 */
export function valueLists(): ValueLists {
  const all = new Map<string, AddList>()
  return (attribute) => {
    const before = all.get(attribute)
    if (before !== undefined) return before
    const made = listsOfOneAttribute()
    all.set(attribute, made)
    return made
  }
}

function listsOfOneAttribute(): AddList {
  /** The numbers of the lists that hold a text; most texts are on one. */
  const holders = new Map<string, number | number[]>()
  /** By the number of a list: the look-up that last found its value on it. */
  const foundBy: number[] = []
  let lookUp = 0
  let asked: string | null = null

  const look = (value: string): void => {
    asked = value
    lookUp++
    const lists = holders.get(value)
    if (typeof lists === 'number') foundBy[lists] = lookUp
    else if (lists !== undefined) for (const list of lists) foundBy[list] = lookUp
  }

  return (values) => {
    const list = foundBy.length
    foundBy.push(0)
    // What was looked up before knows nothing of this list.
    asked = null
    for (const value of values) {
      const before = holders.get(value)
      if (before === undefined) holders.set(value, list)
      else if (typeof before === 'number') holders.set(value, [before, list])
      else before.push(list)
    }
    return (value) => {
      if (value !== asked) look(value)
      return foundBy[list] === lookUp
    }
  }
}
