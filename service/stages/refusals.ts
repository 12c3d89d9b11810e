import type { RefusalTexts } from '../platform/index.ts'

export const stagesRefusals = {
  'beta-reason': {
    status: 422,
    title: 'A beta needs a reason',
    whatToDo: 'Choose at least one of the five reasons, or decide to go without a beta.',
  },
  'beta-chosen-late': {
    status: 409,
    title: 'The feature is in {stage}, past the place of the beta',
    whatToDo: 'Move it back first.',
  },
  'not-before-beta': {
    status: 409,
    title: 'Only a feature in internal release that has a beta ahead is ready for beta',
    whatToDo: 'Move it there, and decide with Growth and Support that it has a beta.',
  },
  'not-asked-for-beta': {
    status: 409,
    title: 'Nobody has said that it is ready for beta',
    whatToDo: 'Wait until its builder says so.',
  },
  'party-of-another-role': {
    status: 422,
    title: 'This person does not have the role {role} here',
    whatToDo: 'Choose somebody of the team who has it, or add somebody to the team.',
  },
  'result-of-another': {
    status: 403,
    title: 'This test was given to {name}',
    whatToDo: 'Ask {name}, or Support, to record what came out.',
  },
} as const satisfies RefusalTexts

declare module '../platform/refusal.ts' {
  interface Refusals {
    stages: typeof stagesRefusals
  }
}
