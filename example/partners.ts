import type { Teammate } from './gate-story.ts'

/** Who else has to be ready for the example's new permits, and what they said in the beta. */
export interface PartnerStory {
  name: string
  does: string
  said: { state: 'ready' | 'partly' | 'not-yet'; prepared: string; saidBy: string; daysAgo: number; by: Teammate }[]
}

export const partners: readonly PartnerStory[] = [
  {
    name: 'Wardens’ contractor',
    does: 'Checks permits in the street, by number plate',
    said: [
      {
        state: 'partly',
        prepared: 'Handhelds read the new register. What to do with a plate that is in both is open.',
        saidBy: 'the contractor’s head of operations',
        daysAgo: 33,
        by: 'manager',
      },
      {
        state: 'ready',
        prepared: 'A week of checks against the new register, and a number to call when a plate is in neither.',
        saidBy: 'the contractor’s head of operations',
        daysAgo: 13,
        by: 'manager',
      },
    ],
  },
  {
    name: 'Town hall counter',
    does: 'Helps people who come with papers in hand',
    said: [
      {
        state: 'ready',
        prepared: 'Two of five can start an application for somebody, and all know when to send people on.',
        saidBy: 'the counter’s team leader',
        daysAgo: 18,
        by: 'support',
      },
    ],
  },
]

export const unexpectedUses = [
  {
    seen: 'Landlords apply for their tenants, one after the other, from one device.',
    seenBy: 'the counter’s team leader',
    partner: 'Town hall counter',
    daysAgo: 24,
    response: 'Tenants get a letter with a link of their own; the start page says who can apply.',
    by: 'product',
    after: 4,
  },
  {
    seen: 'Residents show the done page on their phone to a warden, before the permit begins.',
    seenBy: 'a warden in Harbour Street',
    partner: 'Wardens’ contractor',
    daysAgo: 9,
    response: 'The done page says in large letters when the permit begins; wardens were told by their own briefing.',
    by: 'designer',
    after: 3,
  },
] as const
