import type { RefusalTexts } from '../platform/index.ts'

export const measuresRefusals = {
  'too-many-events': {
    status: 413,
    title: 'More than {most} events in one request',
    whatToDo: 'Send them in several requests.',
  },
  'formula-unknown': {
    status: 400,
    title: 'This measure has no such formula',
    whatToDo: 'Choose one of the formulas on the page of the measure.',
  },
  'formula-same': {
    status: 409,
    title: 'This formula is in force already',
    whatToDo: 'Choose another one, or leave it as it is.',
  },
  'period-empty': {
    status: 400,
    title: 'The period ends before it begins',
    whatToDo: 'Give an end (to) that is after the beginning (from). Without an end it is now.',
  },
  'period-too-long': {
    status: 400,
    title: 'The period is longer than two years',
    whatToDo: 'Ask for at most two years at once.',
  },
  'intake-full': {
    status: 503,
    title: 'Too many events are waiting to be stored',
    whatToDo: 'Nothing of this request was stored. Send it again, with the same ids, after the time in Retry-After.',
  },
} as const satisfies RefusalTexts

declare module '../platform/refusal.ts' {
  interface Refusals {
    measures: typeof measuresRefusals
  }
}
