import type { RefusalTexts } from '../platform/index.ts'

export const rolloutsRefusals = {
  'no-plan': { status: 409, title: 'There is no rollout plan yet', whatToDo: 'Write the plan first.' },
  'plan-changed': {
    status: 409,
    title: '{by} changed the plan after you had read it',
    whatToDo: 'Nothing of yours was stored. Look at both versions, then send yours again if it still holds.',
  },
  'too-many-steps': {
    status: 409,
    title: 'A plan has at most {most} steps',
    whatToDo: 'Make two steps into one, or plan the later ones when the first are closed.',
  },
  'step-incomplete': {
    status: 409,
    title: 'Step {step} cannot start without: {missing}',
    whatToDo:
      'Add it to the plan first: a step has an audience, a size, a minimum duration, guardrails and a question.',
  },
  'step-unanswered': {
    status: 409,
    title: 'Step {step} cannot close without an answer to its question',
    whatToDo: 'Write down what the step taught, then close it.',
  },
  'step-too-soon': {
    status: 409,
    title: 'Step {step} runs at least until {until}',
    whatToDo: 'Wait until then, pause the plan, or go back to the step before.',
  },
  'step-runs': {
    status: 409,
    title: 'Step {step} has not been closed',
    whatToDo: 'Close it with its answer first, or go back to the step before.',
  },
  'step-paused': { status: 409, title: 'The plan is paused', whatToDo: 'Resume it first.' },
  'no-step-runs': {
    status: 409,
    title: 'No step runs now',
    whatToDo: 'Start the next step first, or resume the plan.',
  },
  'no-step-left': { status: 409, title: 'Every step of the plan is closed', whatToDo: 'Add a step to the plan first.' },
  'no-step-before': {
    status: 409,
    title: 'There is no step before this one',
    whatToDo: 'Pause the plan, or halt the beta to send everybody to the current service.',
  },
  'plan-not-paused': { status: 409, title: 'The plan is not paused', whatToDo: 'There is nothing to resume.' },
} as const satisfies RefusalTexts

declare module '../platform/refusal.ts' {
  interface Refusals {
    rollouts: typeof rolloutsRefusals
  }
}
