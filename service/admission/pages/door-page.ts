import { html, notificationBanner, split, type Html } from '../../platform/html/index.ts'
import { ceilingOf, elsewhereOf, type Service } from '../../services/index.ts'
import { sayDoor } from '../rules.ts'
import type { DoorView } from '../team-view.ts'
import { homeOf, people, type DoorPage } from './door-parts.ts'
import { batchesSection, sendingSection } from './batches-section.ts'
import { invitationsSection } from './invitations-section.ts'
import { inviteSection, resultSection } from './invite-section.ts'
import { ladderSection } from './ladder-section.ts'
import { personSection } from './person-section.ts'
import { placesSection } from './places-section.ts'
import { legacySection, seeSection } from './see-section.ts'
import { shareSection } from './share-section.ts'

export function doorLede(service: Service, view: DoorView): string {
  if (view.halt !== null) return `Halted: everybody gets ${elsewhereOf(service)}. Whoever was in keeps the place.`
  const { peopleIn } = view.summary
  const verb = peopleIn === 1 ? 'is' : 'are'
  return `${people(peopleIn)} ${verb} in. ${sayDoor(ceilingOf(service.phase), view.rollout)}`
}

export function doorContent(page: DoorPage): Html {
  const { service, view, rights } = page
  return html`${service.door === 'link' && linkNotice(service)}${page.results !== null && resultSection(page.results, page.hasMailPage)}
  ${split(
    '7-5',
    html`${rights.mayInvite && inviteSection(page)} ${batchesSection(page)} ${ladderSection(service, view)}
      ${shareSection(page)}`,
    html`${placesSection(page)} ${sendingSection(page)} ${personSection({ ...page, home: homeOf(service) })} ${seeSection(page)} ${view.legacy !== null && legacySection(page)}`,
  )}
  ${invitationsSection(page)}`
}

function linkNotice(service: Service): Html {
  return notificationBanner({
    title: 'Door: link',
    content: html`<p class="govuk-body">
      Declared, not enforced: <a class="govuk-link" href="/go/${service.key}">/go/${service.key}</a> sends each person to the right service, and nothing stops
      somebody who knows the new address from going there directly.
    </p>`,
  })
}
