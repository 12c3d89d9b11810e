import type { RefusalTexts } from '../platform/index.ts'

export const gatesRefusals = {
  'decision-of-another-role': {
    status: 403,
    title: 'This gate is decided by another role',
    whatToDo: 'Ask the {roles} of the team.',
  },
  'gate-not-ready': { status: 409, title: 'This cannot be decided now', whatToDo: '{because}.' },
  'outcome-unknown': {
    status: 400,
    title: 'This gate has no such outcome',
    whatToDo: 'Use an outcome that the gate offers.',
  },
  'verdict-by-key': {
    status: 403,
    title: 'Only a named person gives a verdict, signs, or waives',
    whatToDo: 'Sign in and do it there. What a program finds can be sent as evidence.',
  },
  'verdict-of-another-role': {
    status: 403,
    title: 'This criterion is decided by another role',
    whatToDo: 'Ask the {roles}, or the service manager.',
  },
  'evidence-missing': {
    status: 409,
    title: 'Met cannot be said without the evidence asked for',
    whatToDo: 'Attach it first: {evidence}.',
  },
  'waiver-end': {
    status: 422,
    title: 'A waiver ends between today and a year from now',
    whatToDo: 'Give an end date no later than {latest}.',
  },
  'sign-off-not-yours': {
    status: 403,
    title: 'This sign-off belongs to another role',
    whatToDo: 'Ask the {role} of this service to sign.',
  },
  'sign-off-not-independent': {
    status: 409,
    title: 'This sign-off needs somebody independent',
    whatToDo: 'Ask somebody who gave no verdict, waiver or evidence at this gate.',
  },
  'gate-stands-between': {
    status: 409,
    title: 'A gate stands at the end of this phase',
    whatToDo: 'Record the decision at the gate “{gate}”.',
  },
} as const satisfies RefusalTexts

declare module '../platform/refusal.ts' {
  interface Refusals {
    gates: typeof gatesRefusals
  }
}
