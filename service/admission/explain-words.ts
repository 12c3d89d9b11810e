import type {
  Ceiling,
  CompiledFeature,
  CompiledService,
  Explanation,
  Rung,
} from '../../packages/admission/src/index.ts'

type Change = Explanation['changes'][number]

const opensTo: Record<Ceiling, string> = {
  closed: 'nobody',
  preview: 'people with a preview link',
  staff: 'the team',
  invited: 'invited people',
  open: 'anybody',
  everyone: 'everybody',
}

/** One change that alone would turn the answer round, in words. */
export function sayChange(change: Change, flag: CompiledService | CompiledFeature): string {
  const isFeature = 'variants' in flag
  const step = isFeature ? 'stage' : 'phase'
  switch (change.kind) {
    case 'end-halt':
      return 'Opening the service again after the halt'
    case 'raise-ceiling':
      // Off is shut: no stage lets anybody in until the flag is on.
      if (isFeature && flag.ceiling === 'closed' && flag.service.ceiling !== 'closed')
        return 'Switching the flag on, without which nothing else counts'
      return `A ${step} that opens to ${opensTo[change.to]}`
    case 'lower-ceiling':
      return `Only a ${step} that opens to fewer people`
    case 'lift-removal':
      return isFeature ? 'Undoing the removal from the feature' : 'Lifting the removal: a new invitation does'
    case 'take-back-choice':
      return 'Only the person can take the choice back'
    case 'invite':
      return isFeature ? 'A cohort of this person that gets the feature' : 'An invitation'
    case 'grow-share':
      return `A share of at least ${Number((change.to / 1000).toFixed(3))}%`
    case 'satisfy-rule':
      return `Attributes for which the rule “${change.rule}” holds`
    case 'raise-cap':
      return 'A higher cap: the beta is full'
    case 'visit':
      return 'A visit: a place is free'
    case 'let-into-service':
      return 'Letting this person into the new service'
    case 'satisfy-requirement':
      return `Getting ${change.key}, which this one requires`
    case 'remove':
      return isFeature
        ? 'Switching the flag off, or taking away what lets this person in'
        : 'Removing this person by name'
  }
}

export const rungQuestions: Record<Rung, string> = {
  halt: 'Is the service halted?',
  requirement: 'Is something missing that it requires?',
  service: 'Does the service send this person to the current one?',
  removed: 'Removed by name?',
  choice: 'Chose to stay out?',
  preview: 'Came by a preview link?',
  staff: 'One of the team?',
  invited: 'Invited, or in a cohort that gets it?',
  join: 'Joined by own choice?',
  rules: 'Does the rule hold?',
  share: 'Drawn by the share?',
  ceiling: 'Kept out by the ceiling?',
  default: 'Nothing else',
}
