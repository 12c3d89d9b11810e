import type { Journey } from '../../gateway/feed.ts'

/** What people do in Desk all day; the gateway sees it by these addresses. */
export const journey: Journey = {
  id: 'answer',
  name: 'Answer a customer',
  savable: false,
  openDays: 1,
  start: { patterns: ['/'] },
  steps: [{ id: 'message', name: 'The message', patterns: ['/messages/*'] }],
  endings: [
    { id: 'answered', name: 'Answer sent', outcome: 'completed', patterns: ['/answered'] },
    { id: 'problem', name: 'The answer could not be sent', outcome: 'failed', patterns: ['/problem'] },
  ],
}
