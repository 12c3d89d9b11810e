import type { Feature, GateAhead } from '../features/index.ts'
import type { Queryable } from '../platform/index.ts'
import type { Service } from '../services/index.ts'
import { missingInWords } from './freeze.ts'
import { gateAfter } from './playbook.ts'
import { playbookOf, readGate } from './reads.ts'
import { ofFeature, phaseNow } from './subject.ts'

/** FEAT-11: the gate that a feature stands before, for whoever would move it past. */
export async function gateAheadOf(
  db: Queryable,
  now: Date,
  service: Service,
  feature: Feature,
): Promise<GateAhead | null> {
  const subject = ofFeature(service, feature)
  if (subject === null) return null
  const gate = gateAfter(await playbookOf(db, subject), phaseNow(subject).id)
  const view = gate === null ? null : await readGate(db, now, subject, gate.id)
  return view === null ? null : { name: view.gate.name, missing: view.missing.map(missingInWords) }
}
