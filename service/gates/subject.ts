import type { Queryable } from '../platform/index.ts'
import { findFeature, movesOf, stageOf, type Course, type Feature } from '../features/index.ts'
import { findServiceById, phaseHistories, phaseOf, type Service } from '../services/index.ts'

/** What goes through gates (GATE-18): a service through its phases, or a feature of one through its stages. */
export type Subject =
  | { kind: 'service'; service: Service }
  | { kind: 'feature'; service: Service; feature: StagedFeature }

export type StagedFeature = Feature & { course: Course }

/** For the title bar: gates of two features are named alike. */
export function featureName(subject: Subject): string | undefined {
  return subject.kind === 'feature' ? subject.feature.name : undefined
}

/** What verdicts, evidence, sign-offs and decisions are stored under. */
export interface SubjectKey {
  serviceId: string
  featureId: string | null
}

export function ofService(service: Service): Subject {
  return { kind: 'service', service }
}

/** Null for a flag of a kind without stages. */
export function ofFeature(service: Service, feature: Feature): Subject | null {
  const { course } = feature
  return course === null ? null : { kind: 'feature', service, feature: { ...feature, course } }
}

export function subjectKey(subject: Subject): SubjectKey {
  return { serviceId: subject.service.id, featureId: subject.kind === 'feature' ? subject.feature.id : null }
}

/** Where the pages of its gates begin. */
export function homeOf(subject: Subject): string {
  const home = `/services/${subject.service.key}`
  return subject.kind === 'feature' ? `${home}/features/${subject.feature.key}` : home
}

/** The phase of the service, or the stage of the feature. */
export function phaseNow(subject: Subject): { id: string; name: string } {
  return subject.kind === 'feature' ? stageOf(subject.feature.course.stage) : phaseOf(subject.service)
}

/** The stages chosen for a feature; null where a playbook is gone through whole. */
export function chosenPhases(subject: Subject): readonly string[] | null {
  return subject.kind === 'feature' ? subject.feature.course.stages : null
}

export function sinceOf(subject: Subject): Date {
  return subject.kind === 'feature' ? subject.feature.course.since : subject.service.phaseSince
}

export function createdAt(subject: Subject): Date {
  return subject.kind === 'feature' ? subject.feature.createdAt : subject.service.createdAt
}

export interface Move {
  from: string | null
  to: string
  at: Date
}

/** From phase to phase, or from stage to stage, in the order of the subjects. */
export async function movesOfSubjects(db: Queryable, subjects: readonly Subject[]): Promise<Move[][]> {
  const services = subjects.flatMap(({ kind, service }) => (kind === 'service' ? [service.id] : []))
  const ofServices = services.length === 0 ? new Map<string, Move[]>() : await phaseHistories(db, services)
  const moves: Move[][] = []
  for (const subject of subjects) {
    if (subject.kind === 'service') moves.push(ofServices.get(subject.service.id) ?? [])
    else moves.push(await movesOf(db, subject.feature.id))
  }
  return moves
}

export const defaultPlaybooks = {
  service: 'client-beta',
  feature: 'feature-stages',
} as const satisfies { [kind in Subject['kind']]: string }

/** As it is now, inside a transaction; null when it was removed meanwhile. */
export async function readAgain(db: Queryable, subject: Subject): Promise<Subject | null> {
  const service = await findServiceById(db, subject.service.id)
  if (service === null) return null
  if (subject.kind === 'service') return ofService(service)
  const feature = await findFeature(db, service.id, subject.feature.key)
  return feature === null ? null : ofFeature(service, feature)
}
