import type { RefusalTexts } from '../platform/index.ts'

export const overviewRefusals = {
  'visitors-under-way': {
    status: 409,
    title: 'Visitors are on their way already',
    whatToDo: 'Wait until they have arrived, then send more.',
  },
} as const satisfies RefusalTexts

declare module '../platform/refusal.ts' {
  interface Refusals {
    overview: typeof overviewRefusals
  }
}
