import { dateWords } from '../../date-words.ts'
import {
  box,
  button,
  chip,
  dataTable,
  emptyState,
  facts,
  form,
  html,
  inlineForm,
  input,
  link,
  pagination,
  paragraph,
  radios,
  section,
  teamPage,
  type Html,
} from '../../html/index.ts'
import { roleNames } from '../../permissions.ts'
import type { Problem } from '../../problem.ts'
import { when } from '../pages/plain.ts'
import { pageSize, type Colleague, type Wanted } from './store.ts'
import { ownerFootnote, ownerNavigation } from '../../owner-navigation.ts'

/** Who looks: an owner. */
export interface Viewer {
  accountId: string
  name: string
}

type Teams = ReadonlyMap<string, { key: string; name: string }>

interface AccountsView extends Wanted {
  total: number
  colleagues: Colleague[]
  teams: Teams
  viewer: Viewer
  now: Date
  problems: Problem[]
  values: Record<string, string>
}

const frame = ({ name }: Viewer) => ({
  top: { account: { name, role: 'owner', href: '/account' } },
  navigation: ownerNavigation('accounts'),
  footnote: ownerFootnote,
})

/** Everybody who can sign in, or was invited to. */
export function accountsPage(view: AccountsView): Html {
  const { total, search, viewer, problems } = view
  const count = total === 1 ? 'One account' : `${total.toLocaleString('en-GB')} accounts`
  return teamPage(
    {
      ...frame(viewer),
      title: 'Accounts',
      lede: search === '' ? `${count} on this installation.` : `${count} with “${search}” in the name or the address.`,
      problems,
    },
    html`${searchForm(search)}
    ${view.colleagues.length === 0 ? nobody(search) : html`${listOf(view)}${pagesOf(view)}`}
    ${view.total === 1 && search === '' && paragraph('You are the only one here so far. Invite a colleague below.')}
    ${inviteForm(view)}`,
  )
}

function searchForm(search: string): Html {
  return inlineForm(
    { action: '/accounts', method: 'get' },
    input({ name: 'search', label: 'Find by name or address', type: 'search', autocomplete: 'off', value: search }),
    button({ text: 'Find', kind: 'secondary' }),
  )
}

function nobody(search: string): Html {
  return emptyState({
    title: search === '' ? 'Nobody on this page' : 'Nobody is called that',
    text: 'Part of a name or of an address is enough.',
    action: link('Show everybody', '/accounts'),
    level: 2,
  })
}

function listOf({ colleagues, teams, viewer, now }: AccountsView): Html {
  return box(
    dataTable({
      caption: 'Who has an account',
      hideCaption: true,
      head: [
        { text: 'Name', wide: true },
        { text: 'Teams' },
        { text: 'Signs in' },
        { text: 'Last seen' },
        { text: 'State' },
      ],
      rows: colleagues.map((colleague) => [
        html`<a class="govuk-link" href="/accounts/${colleague.id}"><b>${colleague.name}</b></a
          >${colleague.id === viewer.accountId && ' (you)'}<span class="pg-sub pg-break">${colleague.email}</span>`,
        html`${colleague.installation === 'owner' && html`<b>Owner</b><br />`}${teamsOf(colleague, teams)}`,
        waysOf(colleague),
        colleague.seenAt === null ? 'Never' : when(colleague.seenAt),
        stateOf(colleague, now),
      ]),
    }),
  )
}

function teamsOf({ roles }: Colleague, teams: Teams): Html {
  if (roles.length === 0) return html`<span class="pg-meta">No team</span>`
  return html`${roles.map(({ serviceId, role }, index) => {
    const team = teams.get(serviceId)
    const words = roleNames[role]
    return html`${index > 0 && html`<br />`}${words}${team && html`, ${link(team.name, `/services/${team.key}/team`)}`}`
  })}`
}

function waysOf({ hasPassword, passkeys, identities }: Colleague): string {
  const ways = [
    hasPassword && 'password',
    passkeys > 0 && (passkeys === 1 ? 'a passkey' : `${passkeys} passkeys`),
    identities > 0 && 'the organisation’s sign-in',
  ].filter((way) => way !== false)
  return ways.length === 0 ? 'By mailed link only' : `By ${[...ways, 'mailed link'].join(', ')}`
}

function stateOf({ disabledAt, invitedUntil }: Colleague, now: Date): Html {
  if (disabledAt !== null) return chip('Disabled', { tone: 'stop' })
  if (invitedUntil === null) return html`In use`
  return invitedUntil > now
    ? html`${chip('Invited', { tone: 'watch' })}<span class="pg-sub">until ${day(invitedUntil)}</span>`
    : html`${chip('Invitation ran out', { tone: 'watch' })}<span class="pg-sub">on ${day(invitedUntil)}</span>`
}

function day(at: Date): string {
  return dateWords(at, 'Europe/London')
}

function pagesOf({ total, page, search }: AccountsView): Html | false {
  const last = Math.ceil(total / pageSize)
  if (last < 2) return false
  const to = (number: number) => `/accounts?${new URLSearchParams({ search, page: String(number) }).toString()}`
  return pagination({
    landmarkLabel: 'Pages of accounts',
    previous: page > 1 ? { href: to(page - 1), labelText: `${page - 1} of ${last}` } : undefined,
    next: page < last ? { href: to(page + 1), labelText: `${page + 1} of ${last}` } : undefined,
  })
}

function inviteForm({ problems, values }: AccountsView): Html {
  return section(
    {
      title: 'Invite a colleague',
      lede: 'The person gets a link by mail that works once, for 14 days. Teams are joined on the page of each service.',
    },
    box(
      form(
        { action: '/accounts' },
        html`${input({ name: 'name', label: 'Name', autocomplete: 'off', problems, values })}
        ${input({ name: 'email', label: 'Email address', type: 'email', autocomplete: 'off', spellcheck: false, problems, values })}
        ${radios({
          name: 'installation',
          legend: 'What the person may do',
          problems,
          values: { installation: 'member', ...values },
          items: [
            { value: 'member', text: 'Member', hint: 'What the roles in teams allow, and nothing else' },
            { value: 'owner', text: 'Owner', hint: 'Adds services, sees all of them, decides about accounts' },
          ],
        })}
        ${button({ text: 'Send the invitation' })}`,
      ),
    ),
  )
}

interface ColleagueView {
  colleague: Colleague
  teams: Teams
  viewer: Viewer
  done: string
  now: Date
}

const doneWords: { [done: string]: string | undefined } = {
  invited: 'The invitation is on its way.',
  invitation: 'A new invitation is on its way. The link of before no longer works.',
  owner: 'This person owns the installation now.',
  member: 'This person is a member now, and was signed out.',
  disable: 'The account is disabled. Its sessions have ended.',
  enable: 'The account is enabled. The person can sign in again.',
}

/** One account, and what an owner can do about it. */
export function colleaguePage({ colleague, teams, viewer, done, now }: ColleagueView): Html {
  const said = doneWords[done]
  return teamPage(
    {
      ...frame(viewer),
      title: colleague.name,
      eyebrow: link('Accounts', '/accounts'),
      lede: html`<span class="pg-break">${colleague.email}</span>`,
    },
    html`${said !== undefined && html`<p class="govuk-body" role="status"><b>${said}</b></p>`}
    ${box(
      facts([
        {
          name: 'May do',
          value: colleague.installation === 'owner' ? 'Everything an owner may' : 'What its roles allow',
        },
        { name: 'Teams', value: teamsOf(colleague, teams) },
        { name: 'Signs in', value: waysOf(colleague) },
        { name: 'Last seen', value: colleague.seenAt === null ? 'Never' : when(colleague.seenAt) },
        { name: 'Account since', value: when(colleague.createdAt) },
        { name: 'State', value: stateOf(colleague, now) },
      ]),
    )}
    ${colleague.disabledAt === null ? openDeeds(colleague, teams, viewer) : enableSection(colleague)}`,
  )
}

function openDeeds(colleague: Colleague, teams: Teams, viewer: Viewer): Html {
  const isOneself = colleague.id === viewer.accountId
  return html`${colleague.invitedUntil !== null && inviteAgainSection(colleague)} ${installationSection(colleague)}
  ${isOneself ? paragraph('Another owner can disable your account; you cannot do it yourself.') : disableSection(colleague, teams)}`
}

const deed = (id: string, path: string, text: string, kind: 'secondary' | 'warning' = 'secondary'): Html =>
  html`<form method="post" action="/accounts/${id}/${path}">${button({ text, kind })}</form>`

function inviteAgainSection({ id }: Colleague): Html {
  return section(
    { title: 'The invitation', lede: 'A new link goes to the same address, for 14 days. The old one dies.' },
    deed(id, 'invitation', 'Send it again'),
  )
}

function installationSection({ id, installation }: Colleague): Html {
  return installation === 'owner'
    ? section(
        { title: 'Owner', lede: 'As a member, the person keeps the roles in teams, and is signed out once.' },
        deed(id, 'member', 'Make a member'),
      )
    : section(
        { title: 'Member', lede: 'An owner adds services, sees all of them and decides about accounts.' },
        deed(id, 'owner', 'Make an owner'),
      )
}

function disableSection({ id, roles }: Colleague, teams: Teams): Html {
  const managed = roles
    .filter(({ role }) => role === 'service-manager')
    .flatMap((held) => teams.get(held.serviceId) ?? [])
  return section(
    {
      title: 'Disable the account',
      lede: 'The person is signed out everywhere within a second and cannot sign in. What they did stays under their name, and keys that they made go on: end those on the settings of the service.',
    },
    html`${
      managed.length > 0 &&
      html`<p class="govuk-body">
        This person is service manager of
        ${managed.map(({ key, name }, index) => html`${index > 0 && ', '}${link(name, `/services/${key}/team`)}`)}. Hand
        over, before or after.
      </p>`
    }${deed(id, 'disable', 'Disable the account', 'warning')}`,
  )
}

function enableSection({ id }: Colleague): Html {
  return section(
    { title: 'Enable the account', lede: 'The person signs in as before, with the same roles.' },
    deed(id, 'enable', 'Enable the account'),
  )
}
