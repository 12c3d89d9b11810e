import type { RefusalTexts } from '../platform/index.ts'

export const operationsRefusals = {
  'not-asked': {
    status: 409,
    title: 'You were not asked about this release',
    whatToDo:
      'Those are asked who are in Support when it is released. Read what changes; nothing more is needed from you.',
  },
} as const satisfies RefusalTexts

declare module '../platform/refusal.ts' {
  interface Refusals {
    operations: typeof operationsRefusals
  }
}
