import type { Feature } from './feature.ts'
import type { Conflict } from './pages/feature-page.ts'
import { stageOf } from './stages.ts'
import { writeVariants } from './variants-text.ts'

const says: { [field: string]: string | undefined } = {
  name: 'Name',
  description: 'Description',
  appliesTo: 'Who it is for',
  forClients: 'Clients may ask for it',
  variants: 'Variants',
  on: 'Variant that is on',
  off: 'Variant that is off',
  requires: 'Requires',
  isOn: 'Flag',
  share: 'Share',
  cohorts: 'Cohorts',
  stage: 'Stage',
  stages: 'Stages',
  rules: 'Rules',
}

/** FEAT-6: what is stored now beside what was sent, for each thing that was sent. */
export function conflictOf(stored: Feature, sent: object): Conflict {
  const now: Record<string, unknown> = { ...stored, stage: stored.course?.stage, stages: stored.course?.stages }
  const rows = Object.entries(sent).flatMap(([field, value]) => {
    const name = field === 'to' ? 'stage' : field === 'on' && typeof value === 'boolean' ? 'isOn' : field
    const words = says[name]
    return words === undefined || value === undefined
      ? []
      : [{ says: words, stored: inWords(name, now[name]), yours: inWords(name, value) }]
  })
  return { by: stored.changedBy, rows }
}

function inWords(name: string, value: unknown): string {
  if (value === undefined || value === null) return 'None'
  if (name === 'isOn') return value === true ? 'On' : 'Off'
  if (name === 'appliesTo') return value === 'new' ? 'People in the new service' : 'Everybody'
  if (name === 'share') return `${Number(value) / 1000}%`
  if (name === 'variants') return writeVariants(value as Feature['variants'])
  if (name === 'stage') return stageOf(value as Parameters<typeof stageOf>[0]).name
  if (Array.isArray(value)) return value.length === 0 ? 'None' : value.map(nameOf).join(', ')
  return typeof value === 'boolean' ? (value ? 'Yes' : 'No') : String(value)
}

function nameOf(each: unknown): string {
  if (typeof each !== 'object' || each === null) return String(each)
  const { name, key } = each as { name?: string; key?: string }
  return name ?? key ?? JSON.stringify(each)
}
