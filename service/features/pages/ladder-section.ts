import { lowestCeiling, reaches, type Ceiling, type LettingRung } from '../../../packages/admission/src/index.ts'
import { html, ladder, link, paragraph, section, type Html, type LadderRung } from '../../platform/html/index.ts'
import { wholeShare, type Feature } from '../feature.ts'
import { stageOf, stages } from '../stages.ts'
import type { Standing } from '../standing.ts'

type RungOnPage = LettingRung | 'removed' | 'choice' | 'everyone'
/** As a decision asks them. */
const order: readonly RungOnPage[] = [
  'removed',
  'choice',
  'preview',
  'staff',
  'invited',
  'join',
  'rules',
  'share',
  'everyone',
]

const names: Record<RungOnPage, string> = {
  removed: 'Removed by name',
  choice: 'Chose not to have it',
  preview: 'Preview links',
  staff: 'The team',
  invited: 'Invited people and cohorts',
  join: 'By own choice',
  rules: 'Rules on attributes',
  share: 'A share of everybody',
  everyone: 'Everybody',
}

/** The lowest ceiling at which it counts. */
function needed(rung: RungOnPage): Ceiling {
  if (rung === 'removed' || rung === 'choice') return 'closed'
  return rung === 'everyone' ? 'everyone' : lowestCeiling[rung]
}

/** Every rung with how many stand on it, and the ceiling that the stage sets. */
export function ladderSection(
  feature: Feature,
  standing: Standing | null,
  { explainHref, ...hrefs }: Hrefs & { explainHref: string },
): Html {
  const ceiling = feature.course === null ? 'everyone' : stageOf(feature.course.stage).ceiling
  const words =
    feature.course === null
      ? 'No ceiling: this kind has no stages'
      : `Ceiling: ${stageOf(feature.course.stage).name.toLowerCase()}`
  return section(
    { title: 'The ladder', id: 'ladder', aside: link('Why is somebody in or out?', explainHref) },
    html`${!feature.isOn && paragraph('The flag is off: nobody has the feature, whatever the rungs say.')}
    ${standing?.isHalted === true && paragraph('The service is halted, and this feature with it.')}
    ${ladder({
      rungs: order.map((rung) => rungView(rung, { feature, standing, ...hrefs }, !reaches(ceiling, needed(rung)))),
      ceiling: { words },
      label: 'Who gets the feature, rung by rung',
    })}`,
  )
}

interface Hrefs {
  peopleHref: string
  codesHref: string
}

interface RungsOf extends Hrefs {
  feature: Feature
  standing: Standing | null
}

function rungView(
  rung: RungOnPage,
  { feature, standing, peopleHref, codesHref }: RungsOf,
  isShut: boolean,
): LadderRung {
  const opens = isShut ? `Counts from ${stageFor(rung)} on. ` : ''
  const name = names[rung]
  const { share, rules, cohorts, course } = feature
  if (rung === 'everyone') {
    const isAll = course === null ? share === wholeShare : !isShut
    const note = `${opens}${isAll ? 'No condition' : 'Whoever no rung lets in gets the old behaviour'}`
    return { name, count: isAll ? 'All' : '0', note, isShut }
  }
  if (rung === 'share') {
    const draws = share === 0 ? 'Nobody is drawn' : 'Drawn by targeting key; a larger share only adds'
    const carried = standing?.carried ?? 0
    const note = carried === 0 ? draws : `${draws}. ${carried.toLocaleString('en-GB')} kept from a larger share`
    return { name, count: `${share / 1000}%`, note: `${opens}${note}`, isShut }
  }
  if (rung === 'rules') {
    const note =
      rules.length === 0
        ? 'There is no rule'
        : `${rules.map((rule) => rule.name).join(', ')}: whom they hold for is known when somebody asks`
    return { name, count: String(rules.length), note: `${opens}${note}`, isShut }
  }
  const actions: { [r in typeof rung]?: LadderRung['action'] } = {
    removed: { text: 'Remove a person', href: peopleHref },
    preview: { text: 'Preview links', href: peopleHref },
    staff: { text: 'Codes for colleagues', href: codesHref },
  }
  const action = actions[rung]
  const note: Record<typeof rung, string> = {
    removed: 'The team took it from them',
    choice: 'Their own word comes before what lets them in',
    join: 'People who switched it on themselves',
    invited: invitedBy(cohorts, standing?.invited ?? 0),
    staff: 'Members who looked for themselves; colleagues and internal accounts by a code for their domain',
    preview: 'People who came by a link for this feature',
  }
  return {
    name,
    count: (standing?.[rung] ?? 0).toLocaleString('en-GB'),
    note: `${opens}${note[rung]}`,
    isShut,
    ...(action && { action }),
  }
}

/** Whoever stands here without a cohort is of an account that the beta is open to. */
function invitedBy(cohorts: Feature['cohorts'], people: number): string {
  if (cohorts.length > 0) return `Cohorts: ${cohorts.map((cohort) => cohort.name).join(', ')}`
  return people === 0 ? 'No cohort is named' : 'By the accounts that the beta is open to'
}

function stageFor(rung: RungOnPage): string {
  return stages.find(({ ceiling }) => reaches(ceiling, needed(rung)))?.name.toLowerCase() ?? 'removal'
}
