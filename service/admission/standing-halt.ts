import { yearlessMomentWords } from '../platform/index.ts'
import type { Snapshots } from './snapshots.ts'

/** What a page says of a halt while the database is away, from memory alone (ADM-22). */
export function standingHalt(snapshots: Snapshots, serviceId: string): string | null {
  const { halts } = snapshots
  const halt = halts.of(serviceId)
  if (halt === null) return null
  const { snapshot, services } = snapshots.feed()
  const key = snapshot.services.find(({ id }) => id === serviceId)?.key
  const timeZone = services.find((each) => each.key === key)?.timeZone ?? 'Europe/London'
  const since = yearlessMomentWords(halt.at, timeZone)
  const why = halt.reason === '' ? '' : `: ${halt.reason}`
  const isRecorded = !halts.unrecorded().some((each) => each.halt.id === halt.id)
  const isWhole = isRecorded && !halts.unexplained().some(({ id }) => id === halt.id)
  return (
    `Nobody gets the new service since ${since}, by ${halt.by}${why}. That stands without the database` +
    (isWhole ? '.' : ', and will be in the history as soon as it answers.')
  )
}
