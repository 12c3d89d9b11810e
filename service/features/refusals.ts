import type { RefusalTexts } from '../platform/index.ts'

export const featuresRefusals = {
  'feature-changed': {
    status: 409,
    title: '{by} changed this feature meanwhile',
    whatToDo: 'Compare both versions, then send yours again from version {version}.',
  },
  'variant-unknown': {
    status: 422,
    title: 'There is no variant {name}',
    whatToDo: 'Choose one of the variants named.',
  },
  'cohort-unknown': {
    status: 422,
    title: 'There is no cohort {name}',
    whatToDo: 'Choose a cohort of this service; inviting people makes one.',
  },
  'requirement-unknown': {
    status: 422,
    title: 'There is no other feature {key} in this service',
    whatToDo: 'Require a feature of the list.',
  },
  'requirement-ring': {
    status: 409,
    title: 'A feature cannot require itself, by whatever way round',
    whatToDo: 'Leave out the requirement that leads back to {key}, or shorten a chain of more than {most}.',
  },
  'rule-not-understood': {
    status: 422,
    title: 'The rule {rule} is not understood: {problem}',
    whatToDo: 'Correct it there.',
  },
  'pattern-runs-away': {
    status: 422,
    title: 'The pattern {pattern} of the rule {rule} could run away: some texts would keep it busy for seconds',
    whatToDo: 'Write it without a repetition inside a repetition, or compare with texts instead.',
  },
  'pattern-unknown': {
    status: 422,
    title: 'The pattern {pattern} of the rule {rule} could not be shown to be quick',
    whatToDo: 'Write a simpler one, or compare with texts instead.',
  },
  'too-many-patterns': {
    status: 422,
    title: 'There are more than {most} new patterns at once',
    whatToDo: 'Save {most} at a time: each is tried before it is saved.',
  },
  'too-many-rules': {
    status: 422,
    title: 'There are at most {most} rules',
    whatToDo: 'Put several conditions into one.',
  },
  'flag-off': {
    status: 409,
    title: 'The flag {key} is off: nobody gets the feature',
    whatToDo: 'Have it switched on first; the plan then says for whom.',
  },
  'share-before-public-release': {
    status: 409,
    title: 'A share counts from public release on, and the feature is in {stage}',
    whatToDo: 'Name cohorts, or move the feature to public release first.',
  },
  'confirmation-of-another-role': {
    status: 403,
    title: 'Only a person of that role can agree for it: {role}',
    whatToDo: 'Ask one of them, or agree for your own role.',
  },
  'flag-kept': { status: 409, title: 'The flag cannot be removed yet', whatToDo: '{because}.' },
  'no-stages': { status: 409, title: 'A flag of kind {kind} has no stages', whatToDo: 'Switch it on or off.' },
  'stage-compulsory': {
    status: 409,
    title: 'The stage {stage} cannot be left out',
    whatToDo: 'Leave out others, or move the feature on first.',
  },
  'stage-not-chosen': {
    status: 409,
    title: 'The stage {stage} is none of those chosen for this feature',
    whatToDo: 'Choose it first, with a reason.',
  },
  'stage-between': {
    status: 409,
    title: 'The stage {stage} lies between',
    whatToDo: 'Move there first. A beta release can be left out by a decision with its reason.',
  },
  'gate-ends-stage': {
    status: 409,
    title: 'A gate stands at the end of this stage',
    whatToDo: 'Record the decision at the gate “{gate}”.',
  },
} as const satisfies RefusalTexts

declare module '../platform/refusal.ts' {
  interface Refusals {
    features: typeof featuresRefusals
  }
}
