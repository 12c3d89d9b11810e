import { shortDateWords } from '../../platform/index.ts'
import {
  actions,
  box,
  chip,
  dataTable,
  emptyState,
  form,
  html,
  meta,
  moment,
  section,
  type Content,
  type Html,
  type Tone,
} from '../../platform/html/index.ts'
import type { Service } from '../../services/index.ts'
import type { InvitationState } from '../admission.ts'
import type { ShownInvitation } from '../invitations/shown.ts'
import type { DoorView } from '../team-view.ts'
import { homeOf, number, smallButton, type DoorPage } from './door-parts.ts'

const stateWords: Record<InvitationState, { words: string; tone: Tone }> = {
  sent: { words: 'Open', tone: 'data' },
  accepted: { words: 'Accepted', tone: 'quiet' },
  expired: { words: 'Ran out', tone: 'watch' },
  declined: { words: 'Said no', tone: 'quiet' },
  revoked: { words: 'Withdrawn', tone: 'quiet' },
}

export function invitationsSection({ service, view, rights }: DoorPage): Html {
  if (view.invitations.length === 0) {
    return section(
      { title: 'Invitations', id: 'invitations' },
      emptyState({
        title: 'Nobody is invited yet',
        text: 'A beta begins with a few people whom you can talk to.',
        action: rights.mayInvite && html`<a class="govuk-link" href="#invite">Invite people</a>`,
      }),
    )
  }
  const { funnel } = view
  const shown = view.invitations.length
  const older =
    funnel.invited > shown &&
    meta(
      html`${shown} of ${number(funnel.invited)}, open ones first.
        <a class="govuk-link" href="${homeOf(service)}?invitations=all#invitations">Show all</a>`,
    )
  return section(
    {
      title: 'Invitations',
      id: 'invitations',
      aside: html`${number(funnel.open)} open, ${number(funnel.accepted)} accepted${rights.maySeePeople && html` · <a class="govuk-link" href="${homeOf(service)}/invitations.csv">CSV</a>`}`,
    },
    html`${cohortTable(view)}
    ${box(
      dataTable({
        caption: 'Invitations, open ones first',
        hideCaption: true,
        head: [
          { text: 'Person', wide: true },
          { text: 'Group' },
          { text: 'State' },
          { text: 'Sent' },
          { text: 'Until' },
          { text: 'Actions', hidden: true },
        ],
        rows: view.invitations.map((invitation) => invitationRow(service, invitation, rights.mayInvite)),
      }),
      { flush: true },
    )}
    ${older}`,
  )
}

function cohortTable(view: DoorView): Html | false {
  return (
    view.cohorts.length > 1 &&
    box(
      dataTable({
        caption: 'Groups',
        head: [
          { text: 'Group', wide: true },
          { text: 'Invited', numeric: true },
          { text: 'Accepted', numeric: true },
        ],
        rows: view.cohorts.map(({ name, invited, accepted }) => [name, number(invited), number(accepted)]),
      }),
      { flush: true },
    )
  )
}

function invitationRow(service: Service, invitation: ShownInvitation, mayInvite: boolean): Content[] {
  const { id, address, cohort, state, sentAt, expiresAt, acceptedAt, holdsPlace, resent } = invitation
  const { words, tone } = stateWords[state]
  const date = (at: Date): Html => moment(at, shortDateWords(at, service.timeZone))
  const at = `${homeOf(service)}/invitations/${id}`
  const canResend = mayInvite && (state === 'sent' || state === 'expired')
  const canRevoke = mayInvite && (state === 'sent' || state === 'expired')
  const whom = address ?? id.slice(0, 8)
  return [
    address ?? html`<code>${whom}</code>`,
    cohort ?? 'None',
    html`${chip(words, { tone })}${state === 'sent' && !holdsPlace && html` <span class="pg-sub">without a place</span>`}`,
    html`${date(sentAt)}${resent > 0 && html` <span class="pg-sub">sent ${resent + 1} times</span>`}`,
    state === 'accepted' && acceptedAt !== null
      ? html`Accepted ${date(acceptedAt)}`
      : state === 'sent'
        ? date(expiresAt)
        : 'Over',
    actions(
      canResend && form({ action: `${at}/resend` }, smallButton('Send again', whom)),
      canRevoke && form({ action: `${at}/revoke` }, smallButton('Withdraw', whom)),
    ),
  ]
}
