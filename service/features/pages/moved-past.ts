import { details, meta, paragraph, type Html } from '../../platform/html/index.ts'

const missingThen = 'Missing then: '

/** GATE-16: who moved it stands beside it already, and what was missing can be longer than the screen of a phone. */
export function movedPast(by: string, waiver: string | null): Html | null {
  if (waiver === null) return null
  const mover = `Moved by ${by}`
  const said = waiver.startsWith(mover) ? waiver.slice(mover.length).replace(/^\. /, '') : waiver
  if (said === '') return null
  return said.startsWith(missingThen)
    ? details({ summary: 'What was missing then' }, paragraph(said.slice(missingThen.length)))
    : meta(said)
}
