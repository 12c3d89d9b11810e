import type { RefusalTexts } from '../platform/index.ts'

export const operationsRefusals = {
  'not-asked': {
    status: 409,
    title: 'You were not asked about this release',
    whatToDo:
      'Those are asked who are in Support when it is released. Read what changes; nothing more is needed from you.',
  },
  'partner-known': {
    status: 409,
    title: 'This organisation is on the list already',
    whatToDo: 'Record what it says of its readiness there.',
  },
  'partner-unknown': {
    status: 409,
    title: 'No such organisation is on the list',
    whatToDo: 'Choose one of the list, or leave it out.',
  },
  'too-many-partners': {
    status: 409,
    title: 'There are 200 organisations on the list',
    whatToDo: 'Take those off it that are no partners any more.',
  },
} as const satisfies RefusalTexts

declare module '../platform/refusal.ts' {
  interface Refusals {
    operations: typeof operationsRefusals
  }
}
