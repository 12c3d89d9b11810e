import { chip, html, ladder, link, liveRegion, section, type Html, type LadderRung } from '../../platform/html/index.ts'
import { elsewhereOf, isProduct, phaseOf, type Service } from '../../services/index.ts'
import type { LadderRungId, RungOnLadder } from '../ladder.ts'
import { sayShare } from '../rules.ts'
import type { DoorView } from '../team-view.ts'
import { homeOf, number } from './door-parts.ts'

const rungNames: Record<LadderRungId, string> = {
  halt: 'Halt',
  removed: 'Removed by name',
  choice: 'Own choice of the current service',
  preview: 'Preview links',
  staff: 'The team',
  invited: 'Invited people',
  join: 'Chose the new service by the link',
  rules: 'Rules on attributes',
  share: 'Drawn by the share',
  default: 'Everybody else',
}

/** In the order in which a decision asks: the first rung that holds decides (ADM-1). */
export function ladderSection(service: Service, view: DoorView): Html {
  const links = html`${link('Rollout plan', `/services/${service.key}/plan`)} ·
    ${link('Admissions ledger', `${homeOf(service)}/ledger`)} ·
    ${link('Accounts', `/services/${service.key}/customers`)} ·
    ${link('Explain an answer', `/services/${service.key}/explain?key=${service.key}`)}`
  return section(
    {
      title: 'The ladder',
      aside: links,
      lede: 'Asked from the top down: the first rung that holds for a person decides. The phase is the ceiling, and nothing goes above it.',
    },
    liveRegion('ladder', rungsOf(service, view)),
  )
}

function rungsOf(service: Service, view: DoorView): Html {
  const { rungs } = view.ladder
  const phase = phaseOf(service).name.toLowerCase()
  return ladder({
    label: 'The rungs, in the order in which a decision asks them',
    rungs: rungs.map((rung) => rungView(service, view, rung)),
    ceiling: {
      words: `Ceiling: ${phase}`,
      link: isProduct(service) ? undefined : { text: 'What the gate asks', href: `/services/${service.key}/gate` },
    },
  })
}

/** Where the new service replaces nothing, to choose against it is to leave. */
function nameOf({ currentUrl }: Service, rung: LadderRungId): string {
  return rung === 'choice' && currentUrl === null ? 'Left by their own choice' : rungNames[rung]
}

function rungView(service: Service, view: DoorView, rung: RungOnLadder): LadderRung {
  const isAbove = !rung.counts && rung.rung !== 'halt'
  const { invited, accepted } = view.funnel
  return {
    name: html`${nameOf(service, rung.rung)}${rung.arm === 'current' && html` ${chip(`to ${elsewhereOf(service)}`)}`}`,
    count: rung.people === null ? nobodyCounted(rung) : number(rung.people),
    isShut: isAbove,
    note: isAbove ? noteAbove(rung) : noteOf(service, view, rung),
    action: actionOf(service, view, rung.rung),
    ...(rung.rung === 'invited' && invited > 0 && !isAbove
      ? {
          meter: { value: accepted, max: invited, label: `${number(accepted)} of ${number(invited)} accepted` },
        }
      : {}),
  }
}

/** Of a halt and of everybody else nobody can say a number: words stand there. */
function nobodyCounted({ rung, counts }: RungOnLadder): string {
  if (rung === 'halt') return counts ? 'All' : 'No'
  return counts ? 'All' : 'None'
}

function noteAbove({ people, opensWith }: RungOnLadder): string {
  const from = opensWith === null ? 'No phase opens it' : `Counts from ${opensWith.toLowerCase()} on`
  return people === null || people === 0 ? from : `${from}. They keep their places until then`
}

function noteOf(service: Service, view: DoorView, { rung, people, carried }: RungOnLadder): string {
  const { rollout, funnel, previews } = view
  switch (rung) {
    case 'halt':
      return view.halt === null
        ? 'Not halted. A halt goes before everything else'
        : `Halted by ${view.halt.by}: everybody gets ${elsewhereOf(service)}`
    case 'removed':
      return 'References whose passes let nobody in any more'
    case 'choice':
      return 'They went back or left; only they can take it back'
    case 'preview':
      return `${sayLinks(previews.length)} open`
    case 'staff':
      return 'Members who looked for themselves; colleagues and internal accounts by a code for their domain'
    case 'invited':
      if (funnel.invited === 0 && (people ?? 0) > 0) return 'By the links of accounts, or by codes'
      return funnel.invited === 0
        ? 'Nobody is invited yet'
        : `${number(funnel.invited)} invited, ${number(funnel.accepted)} accepted`
    case 'join':
      return rollout.joinOpen ? 'Open: a link lets anybody choose the new service' : 'Closed: nobody new may choose'
    case 'rules':
      return 'Let in by a rule; who comes next is known when they come'
    case 'share': {
      const share =
        rollout.share === 0
          ? 'The share is 0%: nobody is drawn'
          : `${sayShare(rollout.share)} of those who come by themselves`
      return `${share}${sayCarried(carried)}`
    }
    case 'default':
      return 'The phase gives everybody the new service'
  }
}

function sayLinks(count: number): string {
  if (count === 0) return 'No link is'
  return count === 1 ? 'One link is' : `${number(count)} links are`
}

/** ADM-3: in by an earlier share, and named in the snapshot since the present one would not let them in. */
function sayCarried(carried: number): string {
  if (carried === 0) return ''
  return carried === 1
    ? '. 1 of them is kept in from an earlier share'
    : `. ${number(carried)} of them are kept in from an earlier share`
}

function actionOf(service: Service, view: DoorView, rung: LadderRungId): LadderRung['action'] {
  const actions: Record<LadderRungId, LadderRung['action']> = {
    halt: { text: view.halt === null ? 'Halt' : 'Open again', href: '#halt' },
    removed: { text: 'Remove a person', href: '#why' },
    choice: { text: 'Look a person up', href: `${homeOf(service)}/ledger` },
    preview: { text: 'Preview links', href: '#previews' },
    staff: { text: 'See it yourself', href: '#previews' },
    invited: { text: 'Invite', href: '#invite' },
    join: { text: 'Joining', href: '#share' },
    rules: { text: 'Rules', href: `${homeOf(service)}/rules` },
    share: { text: 'Change the share', href: '#share' },
    default: isProduct(service) ? undefined : { text: 'The gate', href: `/services/${service.key}/gate` },
  }
  return actions[rung]
}
