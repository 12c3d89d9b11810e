import { sayShare } from '../admission/index.ts'
import type { Deviation } from './deviation.ts'
import { wholeShare, type Audience, type Plan, type Progress, type Size, type Step } from './plan.ts'
import { openingOf, type Standing } from './rules.ts'

export const audienceWords: Record<Audience, string> = {
  invited: 'Invited people',
  accounts: 'Invited accounts',
  share: 'A share of everybody',
  everyone: 'Everybody',
}

export const progressWords: Record<Progress, string> = {
  hand: 'By hand: somebody starts and closes each step',
  clock: 'By the clock: a step closes and the next one starts as soon as it may',
}

const number = (value: number): string => value.toLocaleString('en-GB')

export function saySize(size: Size | null): string {
  if (size === null) return 'Size open'
  if (size.kind === 'percent') return sayShare(size.share)
  return size.people === 1 ? '1 place' : `${number(size.people)} places`
}

/** “Invited people, 50 places, Drivers in the north”. */
export function sayStep({ audience, size, group }: Step): string {
  const who = audience === null ? 'Audience open' : audienceWords[audience]
  const many = audience === 'everyone' ? null : saySize(size)
  return [who, many, group === '' ? null : group].filter((part) => part !== null).join(', ')
}

/** What starting the step sets, said before and after. */
export function sayOpening(step: Step, ofFeature = false): string {
  const { share, cap, joinOpen } = openingOf(step)
  if (ofFeature) return share === 0 ? `the cohort ${step.group} gets it` : `${sayShare(share)} get it`
  const places = cap === null ? 'no limit of places' : cap === 1 ? '1 place in all' : `${number(cap)} places in all`
  const drawn =
    share === 0
      ? 'nobody is drawn'
      : share === wholeShare
        ? 'everybody is drawn'
        : `${sayShare(share)} of everybody is drawn`
  return `${places}, ${drawn}, ${joinOpen ? 'and anybody may choose it by the link' : 'and nobody may choose it by the link'}`
}

export function sayStanding(standing: Standing, { steps, featureId }: Pick<Plan, 'steps' | 'featureId'>): string {
  const of = `of ${steps.length}`
  switch (standing.kind) {
    case 'not-started':
      return 'No step has started yet.'
    case 'running':
      return `Step ${standing.turn.position} ${of} runs.`
    case 'paused':
      return featureId === null
        ? `Paused at step ${standing.turn.position} ${of}: nobody new is let in, and whoever is in stays in.`
        : `Paused at step ${standing.turn.position} ${of}: the plan stands still, and who gets the feature stays as it is.`
    case 'between':
      return `Step ${standing.last.position} ${of} is closed; the next one has not started.`
    case 'done':
      return steps.length === 1 ? 'Its one step is closed.' : `All ${steps.length} steps are closed.`
  }
}

export function sayDeviation(deviation: Deviation): string {
  if (deviation.kind === 'share') {
    const more = deviation.points > 0 ? 'more' : 'less'
    const by = Math.abs(deviation.points)
    const points = by === 1 ? '1 point' : `${number(by)} points`
    return `${sayShare(deviation.actual)} is open and ${sayShare(deviation.planned)} is planned: ${points} ${more}`
  }
  const { actual, planned } = deviation
  const open =
    actual === null
      ? 'No limit of places is set'
      : actual === 1
        ? '1 place is open'
        : `${number(actual)} places are open`
  return `${open} and ${number(planned)} ${planned === 1 ? 'is' : 'are'} planned`
}
