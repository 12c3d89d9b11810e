/** GW-23: one exposure for each unit or visitor a day, and one at each change of what it says. */
export interface Exposures {
  isNew(who: string, day: string, says: string): boolean
}

const remembered = 200_000

export function openExposures(): Exposures {
  let seen = new Map<string, string>()
  return {
    isNew(who, day, says) {
      const now = `${day} ${says}`
      if (seen.get(who) === now) return false
      if (seen.size >= remembered) seen = new Map()
      seen.set(who, now)
      return true
    },
  }
}
