import { ladder, type Html, type LadderRung } from '../../platform/html/index.ts'
import { ceilingOf, phaseOf, type Service } from '../../services/index.ts'
import { countsAt, ladderRungs, sayShare, type LadderRungId } from '../rules.ts'
import type { DoorView } from '../team-view.ts'
import { number, phaseWith } from './door-parts.ts'

const rungNames: Record<LadderRungId, string> = {
  everyone: 'Everyone',
  share: 'A share of everyone',
  join: 'By own choice',
  invited: 'By invitation',
  staff: 'The team',
  preview: 'Preview links',
}

export function doorLadder(service: Service, view: DoorView): Html {
  const ceiling = ceilingOf(service.phase)
  const above = ladderRungs.filter((rung) => !countsAt(ceiling, rung))
  const below = ladderRungs.filter((rung) => countsAt(ceiling, rung))
  const phase = phaseOf(service).name.toLowerCase()
  return ladder({
    above: above.map((rung) => rungView(rung, view, true)),
    ceiling: {
      words: `Ceiling: ${phase}`,
      link: { text: 'What the gate asks', href: `/services/${service.key}/gate` },
    },
    below: below.map((rung) => rungView(rung, view, false)),
  })
}

function rungView(rung: LadderRungId, view: DoorView, isShut: boolean): LadderRung {
  const name = rungNames[rung]
  if (rung === 'everyone')
    return {
      name,
      count: isShut ? '0' : 'All',
      note: isShut ? `Opens with ${phaseWith('everyone')}` : 'Everybody gets the new service',
    }
  const count = number(view.counts[rung])
  if (isShut)
    return {
      name,
      count,
      note:
        view.counts[rung] === 0
          ? `Opens with ${phaseWith(rung === 'share' || rung === 'join' ? 'open' : rung)}`
          : 'Keep their places for a return',
    }
  const { rollout, funnel, previews } = view
  if (rung === 'share')
    return {
      name,
      count,
      note:
        rollout.share === 0
          ? 'The share is 0%: nobody is drawn'
          : `${sayShare(rollout.share)} of those who come by themselves`,
    }
  if (rung === 'join')
    return { name, count, note: rollout.joinOpen ? 'Open: a link lets anybody choose the new service' : 'Closed' }
  if (rung === 'invited') {
    const note = `${number(funnel.invited)} invited, ${number(funnel.accepted)} accepted`
    return funnel.invited === 0
      ? { name, count, note: 'Nobody is invited yet' }
      : {
          name,
          count,
          note,
          meter: {
            value: funnel.accepted,
            max: funnel.invited,
            label: `${number(funnel.accepted)} of ${number(funnel.invited)} accepted`,
          },
        }
  }
  if (rung === 'staff') return { name, count, note: 'Members of the team who looked for themselves' }
  return {
    name,
    count,
    note:
      previews.length === 0
        ? 'No link is open'
        : `${previews.length === 1 ? 'One link is' : `${previews.length} links are`} open`,
  }
}
