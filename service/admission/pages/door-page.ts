import {
  actions,
  box,
  button,
  checkboxes,
  chip,
  copyable,
  dataTable,
  details,
  emptyState,
  form,
  html,
  inlineForm,
  input,
  ladder,
  liveRegion,
  meta,
  meter,
  moment,
  notificationBanner,
  radios,
  section,
  shareSlider,
  split,
  statList,
  textarea,
  type Content,
  type Html,
  type LadderRung,
  type Tone,
} from '../../platform/html/index.ts'
import type { Problem } from '../../platform/index.ts'
import { ceilingOf, findPhase, phaseOf, type Service } from '../../services/index.ts'
import type { InvitationResult } from '../actions.ts'
import { countsAt, ladderRungs, sayDoor, sayShare, type LadderRungId } from '../rules.ts'
import type { DoorView, PersonView } from '../team-view.ts'
import type { Invitation, InvitationState } from '../admission.ts'
import { day } from '../mails.ts'
import { personSection } from './person-section.ts'

export interface DoorPage {
  service: Service
  view: DoorView
  person: PersonView | null
  rights: { mayInvite: boolean; mayShare: boolean; mayRemove: boolean; mayEnter: boolean }
  problems: Problem[]
  values: Record<string, string>
  results: InvitationResult[] | null
  previewLink: string | null
  /** In development the mails are a page. */
  hasMailPage: boolean
}

const number = (value: number): string => value.toLocaleString('en-GB')
const people = (count: number): string => (count === 1 ? '1 person' : `${number(count)} people`)

export function doorLede(service: Service, view: DoorView): string {
  if (view.halt !== null) return 'Halted: everybody gets the current service. Whoever was in keeps the place.'
  const { peopleIn } = view.summary
  const verb = peopleIn === 1 ? 'is' : 'are'
  return `${people(peopleIn)} ${verb} in. ${sayDoor(ceilingOf(service.phase), view.rollout)}`
}

export function doorContent(page: DoorPage): Html {
  const { service, view, rights } = page
  return html`${service.door === 'link' && linkNotice(service)}${page.results !== null && resultSection(page.results, page.hasMailPage)}
  ${split(
    '7-5',
    html`${rights.mayInvite && inviteSection(page)}
      ${section({ title: 'The ladder', lede: 'The phase is the ceiling: no share, link or request goes above it.' }, liveRegion('ladder', doorLadder(service, view)))}
      ${shareSection(page)}`,
    html`${placesSection(page)} ${personSection({ ...page, home: homeOf(service) })} ${seeSection(page)} ${view.legacy !== null && legacySection(page)}`,
  )}
  ${invitationsSection(page)}`
}

function homeOf(service: Service): string {
  return `/services/${service.key}/admission`
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

// Invite people

function inviteSection(page: DoorPage): Html {
  const { service, view, problems, values } = page
  const { free, cap } = view.places
  const places =
    free === null
      ? 'There is no cap.'
      : `${free === 1 ? '1 place is' : `${number(free)} places are`} free of ${number(cap ?? 0)}.`
  const over = (prefix: string): Html =>
    checkboxes({
      name: 'overInvite',
      idPrefix: prefix,
      items: [
        {
          value: 'yes',
          text: 'Invite more people than there are places',
          hint: 'The mail then says that places are limited',
        },
      ],
      values,
    })
  const isWaiting = view.waiting > 0
  return section(
    { title: 'Invite people', id: 'invite', aside: places },
    box(html`${
      isWaiting &&
      form(
        { action: `${homeOf(service)}/invitations/waiting` },
        html`${input({
          name: 'count',
          label:
            view.waiting === 1
              ? 'One person is waiting for a place'
              : `How many of the ${people(view.waiting)} who wait?`,
          hint: 'Those who asked first are invited first',
          inputmode: 'numeric',
          classes: 'govuk-input--width-5',
          value: values.count ?? String(Math.max(1, Math.min(view.waiting, free ?? 50, 50))),
          problems,
        })}
        ${over('overInvite-waiting')} ${button({ text: `Invite from the waiting list` })}`,
      )
    }
    ${form(
      { action: `${homeOf(service)}/invitations` },
      html`${textarea({
        name: 'addresses',
        label: isWaiting ? 'Or by email address' : 'Email addresses',
        hint: `One a line. Each gets a link that is good once, for ${view.invitationDays} days`,
        rows: 4,
        spellcheck: false,
        problems,
        values,
      })}
        ${input({ name: 'cohort', label: 'Group, if you want to tell them apart', hint: 'Such as “Drivers in the north”', problems, values })}
        ${free !== null && over('overInvite')}
        ${button({ text: inviteWords(view), kind: isWaiting ? 'secondary' : 'primary', preventDoubleClick: true })}`,
    )}`),
  )
}

/** “Invite 50 more”: the number first, where there is one. */
function inviteWords(view: DoorView): string {
  const { free } = view.places
  if (free === null || free === 0) return 'Invite people'
  return view.funnel.invited === 0 ? `Invite up to ${number(free)} people` : `Invite up to ${number(free)} more`
}

const outcomeWords: Record<InvitationResult['outcome'], { words: string; tone: Tone }> = {
  invited: { words: 'Invited', tone: 'data' },
  'already-in': { words: 'In already', tone: 'quiet' },
  'already-invited': { words: 'Holds an invitation', tone: 'quiet' },
  'not-an-address': { words: 'Not an email address', tone: 'stop' },
}

function resultSection(results: readonly InvitationResult[], hasMailPage: boolean): Html {
  const sent = results.filter(({ outcome }) => outcome === 'invited').length
  const mails = hasMailPage && sent > 0 && html` <a class="govuk-link" href="/mails">Read the mails</a>`
  return section(
    { title: sent === 0 ? 'Nobody was invited' : `${people(sent)} invited`, id: 'results', aside: mails },
    box(
      dataTable({
        caption: 'What became of each line',
        hideCaption: true,
        head: [{ text: 'Line', wide: true }, { text: 'Result' }],
        rows: results.slice(0, 500).map(({ line, outcome }) => {
          const { words, tone } = outcomeWords[outcome]
          return [line, chip(words, { tone })]
        }),
      }),
      { flush: true },
    ),
  )
}

// The ladder

const rungNames: Record<LadderRungId, string> = {
  everyone: 'Everyone',
  share: 'A share of everyone',
  join: 'By own choice',
  invited: 'By invitation',
  staff: 'The team',
  preview: 'Preview links',
}

function doorLadder(service: Service, view: DoorView): Html {
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

/** The name of the first phase that opens so far, as the playbook has it. */
function phaseWith(ceiling: 'everyone' | 'open' | 'invited' | 'staff' | 'preview'): string {
  const names = {
    everyone: 'live',
    open: 'public-beta',
    invited: 'private-beta',
    staff: 'private-beta',
    preview: 'prototyping',
  }
  return findPhase(names[ceiling])?.name.toLowerCase() ?? 'a later phase'
}

// Share and joining

function shareSection(page: DoorPage): Html {
  const { service, view, rights, problems, values } = page
  const isOpen = countsAt(ceilingOf(service.phase), 'share')
  const { share, joinOpen } = view.rollout
  const typed = 'share' in values || 'exact' in values ? values : {}
  const stops = [0, 1, 5, 10, 25, 50, 100].map((percent) => ({ percent }))
  if (!isOpen) {
    return section(
      { title: 'Share', id: 'share' },
      box(
        html`<p class="govuk-body">A share of everybody can be set once the phase opens the service to anyone: with ${phaseWith('open')}.</p>`,
      ),
    )
  }
  if (!rights.mayShare)
    return section(
      { title: 'Share', id: 'share' },
      box(html`<p class="govuk-body">${sayShare(share)} of those who come by themselves get the new service.</p>`),
    )
  return section(
    { title: 'Share', id: 'share' },
    box(html`${form(
      { action: `${homeOf(service)}/share` },
      html`${shareSlider({
        name: 'share',
        legend: 'How many of those who come by themselves get the new service?',
        hint: `Now ${sayShare(share)}. A larger share only adds people. A smaller one stops new ones; whoever is in stays in.`,
        stops,
        value: share / 1000,
        exactName: 'exact',
        problems,
        values: typed,
      })}
        ${input({ name: 'reason', id: 'share-reason', label: 'Reason', hint: 'Stands in the history beside your name', values: typed })}
        ${button({ text: 'Set the share' })}`,
    )}
    ${form(
      { action: `${homeOf(service)}/joining` },
      html`${radios({
        name: 'open',
        legend: 'May people choose the new service by themselves?',
        hint: `They do so at ${service.door === 'link' ? `/go/${service.key}/choice` : '/.phasegate/join on the service’s own host'}: link to it from the current service`,
        items: [
          { value: 'yes', text: 'Yes, anybody may join' },
          { value: 'no', text: 'No' },
        ],
        value: joinOpen ? 'yes' : 'no',
        problems,
        classes: 'govuk-radios--inline',
      })}
        ${button({ text: 'Save', kind: 'secondary' })}`,
    )}`),
  )
}

// Places

function placesSection(page: DoorPage): Html {
  const { service, view, rights, problems, values } = page
  const { cap, taken, held, free } = view.places
  const figure =
    cap === null
      ? html`<p class="pg-who__figure"><span class="pg-figure-l">${number(taken)}</span> <span class="pg-who__of">${taken === 1 ? 'place' : 'places'} taken, no cap</span></p>`
      : html`<p class="pg-who__figure"><span class="pg-figure-l">${number(taken)}</span> <span class="pg-who__of">of ${number(cap)} places taken</span></p>
          ${meter({ value: taken, held, max: cap, label: `${number(taken)} of ${number(cap)} places taken, ${number(held)} held by open invitations`, size: 'tall' })}`
  const { funnel } = view
  return section(
    { title: 'Places', id: 'places' },
    box(html`${liveRegion(
      'places-now',
      html`${figure}
      ${statList([
        { name: 'Held', value: number(held) },
        { name: 'Free', value: free === null ? 'Any' : number(free) },
        { name: 'Ran out', value: number(funnel.expired) },
        { name: 'Went back', value: number(view.summary.wentBack) },
      ])}`,
    )}
    ${view.waiting > 0 && meta(`${people(view.waiting)} on the waiting list.`)}
    ${
      rights.mayShare &&
      inlineForm(
        { action: `${homeOf(service)}/cap` },
        input({
          name: 'cap',
          label: 'Cap',
          hint: 'Empty for none',
          inputmode: 'numeric',
          classes: 'govuk-input--width-5',
          value: values.cap ?? (cap === null ? '' : String(cap)),
          problems,
        }),
        button({ text: 'Set cap', kind: 'secondary' }),
      )
    }`),
  )
}

// See it yourself, preview links

function seeSection(page: DoorPage): Html | false {
  const { service, view, rights, problems, values, previewLink } = page
  if (!rights.mayEnter && !rights.mayInvite) return false
  const canEnter = rights.mayEnter && countsAt(ceilingOf(service.phase), 'staff')
  const links = dataTable({
    caption: 'Open preview links',
    head: [{ text: 'For', wide: true }, { text: 'Until' }, { text: 'End', hidden: true }],
    rows: view.previews.map(({ id, name, expiresAt }) => [
      name,
      day(expiresAt, service.timeZone),
      rights.mayInvite && inlineForm({ action: `${homeOf(service)}/previews/${id}/end` }, smallButton('End', name)),
    ]),
  })
  return section(
    { title: 'See the new service', id: 'previews' },
    box(html`${canEnter && form({ action: `${homeOf(service)}/enter` }, html`${button({ text: 'See it yourself', kind: 'secondary' })}${meta('Opens the service in this browser, in the new version, for you as one of the team. You take no place.')}`)}
    ${previewLink !== null && copyable({ id: 'preview-link', label: 'The preview link, shown once', value: previewLink, what: 'preview link' })}
    ${view.previews.length > 0 && links}
    ${
      rights.mayInvite &&
      details(
        { summary: 'Make a preview link', open: problems.some(({ field }) => field === 'name') },
        form(
          { action: `${homeOf(service)}/previews` },
          html`${input({ name: 'name', label: 'For whom or what', hint: 'Whoever has the link may look, for 14 days, without taking a place', problems, values })}${button({ text: 'Make a link', kind: 'secondary' })}`,
        ),
      )
    }`),
  )
}

function legacySection({ service, view }: DoorPage): Html {
  const { legacy } = view
  const words =
    legacy === null
      ? ''
      : legacy.lastPassed
        ? `It answered the last check. ${number(legacy.passed)} of ${number(legacy.checks)} checks passed in the last day.`
        : `${legacy.lastProblem ?? 'It did not answer'}. ${number(legacy.passed)} of ${number(legacy.checks)} checks passed in the last day.`
  return section(
    { title: 'The current service', id: 'current-service' },
    box(html`<p class="govuk-body">${words}</p>
      ${meta('It must keep running until the new one is live: everybody who is not in, and everybody after a halt, goes there.')}
      ${meta(html`<a class="govuk-link" href="/services/${service.key}/settings">Its address</a>`)}`),
  )
}

// Invitations

const stateWords: Record<InvitationState, { words: string; tone: Tone }> = {
  sent: { words: 'Open', tone: 'data' },
  accepted: { words: 'Accepted', tone: 'quiet' },
  expired: { words: 'Ran out', tone: 'watch' },
  revoked: { words: 'Withdrawn', tone: 'quiet' },
}

function invitationsSection({ service, view, rights }: DoorPage): Html {
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
      aside: `${number(funnel.open)} open, ${number(funnel.accepted)} accepted`,
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

function invitationRow(service: Service, invitation: Invitation, mayInvite: boolean): Content[] {
  const { id, address, cohort, state, sentAt, expiresAt, acceptedAt, holdsPlace, resent } = invitation
  const { words, tone } = stateWords[state]
  const date = (at: Date): Html =>
    moment(at, at.toLocaleDateString('en-GB', { day: 'numeric', month: 'short', timeZone: service.timeZone }))
  const at = `${homeOf(service)}/invitations/${id}`
  const canResend = mayInvite && (state === 'sent' || state === 'expired')
  const canRevoke = mayInvite && (state === 'sent' || state === 'expired')
  return [
    address,
    cohort ?? 'None',
    html`${chip(words, { tone })}${state === 'sent' && !holdsPlace && html` <span class="pg-sub">without a place</span>`}`,
    html`${date(sentAt)}${resent > 0 && html` <span class="pg-sub">sent ${resent + 1} times</span>`}`,
    state === 'accepted' && acceptedAt !== null
      ? html`Accepted ${date(acceptedAt)}`
      : state === 'sent'
        ? date(expiresAt)
        : 'Over',
    actions(
      canResend && form({ action: `${at}/resend` }, smallButton('Send again', address)),
      canRevoke && form({ action: `${at}/revoke` }, smallButton('Withdraw', address)),
    ),
  ]
}

function smallButton(words: string, whom: string): Html {
  return button({
    text: html`${words}<span class="govuk-visually-hidden"> ${whom}</span>`,
    kind: 'secondary',
    classes: 'pg-button--small',
    preventDoubleClick: true,
  })
}
