import type { Journey } from '../gateway/feed.ts'

/** One journey for both versions: each step names the address that it has in the old one and in the new one. */
export const journey: Journey = {
  id: 'apply',
  name: 'Apply for a resident parking permit',
  savable: false,
  openDays: 1,
  start: { patterns: ['/rpp/Welcome.do', '/parking-permit'] },
  steps: [
    { id: 'conditions', name: 'Conditions of issue (current service only)', patterns: ['/rpp/Conditions.do'] },
    { id: 'address', name: 'Your address', patterns: ['/rpp/Abode.do', '/parking-permit/address'] },
    { id: 'vehicle', name: 'Your vehicle', patterns: ['/rpp/Vehicle.do', '/parking-permit/vehicle'] },
    { id: 'length', name: 'Length of the permit', patterns: ['/rpp/Tariff.do', '/parking-permit/length'] },
    { id: 'check', name: 'Check your answers', patterns: ['/rpp/Verify.do', '/parking-permit/check'] },
  ],
  endings: [
    {
      id: 'done',
      name: 'Application sent',
      outcome: 'completed',
      patterns: ['/rpp/Receipt.do', '/parking-permit/done'],
    },
    {
      id: 'not-eligible',
      name: 'You cannot have a permit',
      outcome: 'refused',
      patterns: ['/rpp/Declined.do', '/parking-permit/not-eligible'],
    },
    {
      id: 'error',
      name: 'Sorry, there is a problem',
      outcome: 'failed',
      patterns: ['/rpp/Fault.do', '/parking-permit/problem'],
    },
  ],
}
