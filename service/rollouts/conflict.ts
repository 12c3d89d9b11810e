import type { PlanDraft } from './actions.ts'
import type { Plan, Step } from './plan.ts'
import { startedSteps } from './rules.ts'
import { progressWords, sayStep } from './words.ts'

/** Both versions of a plan that two people changed at once (ROL-6). */
export interface Conflict {
  by: string
  rows: { says: string; stored: string; yours: string; differs: boolean }[]
}

export function conflictOf(stored: Plan, sent: PlanDraft): Conflict {
  const started = startedSteps(stored)
  const upcoming = stored.steps.slice(started)
  const steps = Array.from({ length: Math.max(upcoming.length, sent.steps.length) }, (_, index) =>
    row(`Step ${started + index + 1}`, sayWhole(upcoming[index]), sayWhole(sent.steps[index])),
  )
  return {
    by: stored.changedBy,
    rows: [
      row('Goes on', progressWords[stored.progress], progressWords[sent.progress]),
      row('Tells of a difference above', String(stored.deviation), String(sent.deviation)),
      ...steps,
    ],
  }
}

function row(says: string, theirs: string, yours: string): Conflict['rows'][number] {
  return { says, stored: theirs, yours, differs: theirs !== yours }
}

function sayWhole(step: Step | undefined): string {
  if (step === undefined) return 'Not in the plan'
  const parts = [
    sayStep(step),
    step.minimumDays === null ? null : `${step.minimumDays} days`,
    step.startsOn === null ? null : `from ${step.startsOn}`,
    step.joinOpen ? 'with the link to choose it' : null,
    step.guardrails.length === 0 ? null : `guardrails: ${step.guardrails.join(', ')}`,
    step.question === '' ? null : `“${step.question}”`,
  ]
  return parts.filter((part) => part !== null).join('; ')
}
