import type { Queryable, Tx } from './context.ts'

/** Somebody whose data are to go from a service: the address, and the ids under which the service knows the person. */
export interface Subject {
  serviceId: string
  address: string
  /** What passes, events and answers carry in place of the person. */
  units: readonly string[]
  invitations: readonly string[]
}

/** One kind of data about people. Each domain that keeps any names its own, and app.ts hands them all to the one erasure. */
export interface PersonalData {
  /** As a report counts them: “Invitations”. */
  name: string
  /** What becomes of them: “deleted”. */
  becomes: string
  count(db: Queryable, subject: Subject): Promise<number>
  erase(tx: Tx, subject: Subject): Promise<void>
}
