import type { RefusalTexts } from '../platform/index.ts'

export const roomsRefusals = {
  'room-closed': {
    status: 409,
    title: 'The beta room is not open',
    whatToDo: 'Open it first: what was written stays.',
  },
  'not-of-a-tester': {
    status: 409,
    title: 'This message is not from a tester',
    whatToDo: 'Choose one that a tester wrote.',
  },
  'nobody-to-ask': {
    status: 409,
    title: 'There is no address to ask this person by',
    whatToDo: 'Answer in the room and ask there.',
  },
  'testimonial-over': {
    status: 409,
    title: 'These words may not be used already',
    whatToDo: 'There is nothing more to withdraw.',
  },
  'testimonial-not-approved': {
    status: 409,
    title: 'The person has not agreed to these words',
    whatToDo: 'Use only words that the person approved.',
  },
  'found-before-introduced': {
    status: 422,
    title: 'A defect cannot be found before it came in',
    whatToDo: 'Choose an earlier stage that brought it in, or a later one that found it.',
  },
} as const satisfies RefusalTexts

declare module '../platform/refusal.ts' {
  interface Refusals {
    rooms: typeof roomsRefusals
  }
}
