import type { RefusalTexts } from '../platform/index.ts'

export const feedbackRefusals = {
  'unknown-ending': {
    status: 422,
    title: 'The service has no such journey or end point',
    whatToDo: 'Name a journey of the service and one of its end points, or leave both out.',
  },
  'feedback-state': {
    status: 409,
    title: 'This answer cannot be marked as {state} from where it stands',
    whatToDo: 'Open it again: somebody may have handled it meanwhile.',
  },
  'decision-needed': {
    status: 422,
    title: 'An answer ends in a decision',
    whatToDo: 'Say what changes because of it, or why nothing does.',
  },
  'not-in-team': {
    status: 422,
    title: 'This person is not in the team of the service',
    whatToDo: 'Choose somebody of the team, or add the person on the page Team.',
  },
} as const satisfies RefusalTexts

declare module '../platform/refusal.ts' {
  interface Refusals {
    feedback: typeof feedbackRefusals
  }
}
