import type { Problem } from '../../../platform/index.ts'
import {
  box,
  button,
  chip,
  codeBlock,
  dataTable,
  details,
  emptyState,
  form,
  html,
  inlineForm,
  input,
  paragraph,
  section,
  split,
  textarea,
  type Html,
  type Tone,
} from '../../../platform/html/index.ts'
import type { Service } from '../../../services/index.ts'
import { accountLinkDays, claimMinutes, type Customer, type ReturnSetting } from '../customers.ts'

export interface AccountsPage {
  service: Service
  customers: Customer[]
  setting: ReturnSetting
  mayInvite: boolean
  mayEdit: boolean
  invited: string | null
  problems: Problem[]
  values: Record<string, string>
}

export function accountsContent(page: AccountsPage): Html {
  return html`${split('7-5', html`${inviteSection(page)} ${listSection(page)}`, returnSection(page))}`
}

function inviteSection({ service, mayInvite, invited, problems, values }: AccountsPage): Html | false {
  return (
    mayInvite &&
    section(
      { title: 'Invite a company', id: 'invite' },
      box(html`${invited !== null && html`<p class="govuk-body" role="status"><b>The link is on its way to ${invited}.</b></p>`}
      ${form(
        { action: `/services/${service.key}/customers` },
        html`${input({ name: 'name', label: 'Name of the company', problems, values })}
        ${input({ name: 'address', type: 'email', label: 'Who passes the link on', hint: `An email address at the company. It gets a link for its people to share, good for ${accountLinkDays} days`, spellcheck: false, problems, values })}
        ${input({ name: 'people', label: 'How many of its people?', hint: 'Left empty, all of them', inputmode: 'numeric', classes: 'govuk-input--width-5', problems, values })}
        ${button({ text: 'Invite the company', preventDoubleClick: true })}`,
      )}`),
    )
  )
}

const links: Record<Customer['link'], { words: string; tone: Tone }> = {
  open: { words: 'Link works', tone: 'data' },
  expired: { words: 'Link has run out', tone: 'watch' },
  revoked: { words: 'Link ended', tone: 'quiet' },
  none: { words: 'By the application', tone: 'data' },
}

function listSection({ service, customers, mayInvite, problems, values }: AccountsPage): Html {
  const home = `/services/${service.key}/customers`
  const ofLink = (id: string): Problem[] => problems.filter(({ field }) => field === `address-${id}`)
  return section(
    {
      title: 'Accounts',
      id: 'accounts',
      lede: 'An account stands for all of its people who are in: a beta can be opened to accounts, and its cap can count them.',
    },
    customers.length === 0
      ? emptyState({
          title: 'No account is known yet',
          text: 'Invite a company, or let the application say to whom its people belong.',
          level: 3,
        })
      : box(
          dataTable({
            caption: 'Customer accounts, by name',
            hideCaption: true,
            head: [
              { text: 'Account', wide: true },
              { text: 'People in', numeric: true },
              { text: 'Places', numeric: true },
              { text: 'Link' },
              { text: 'Acts', hidden: true },
            ],
            rows: customers.map(({ id, name, externalId, taken, people, link }) => [
              html`${name}${externalId !== null && html`<span class="pg-sub"><code>${externalId}</code></span>`}`,
              taken,
              people ?? 'All',
              chip(links[link].words, { tone: links[link].tone }),
              mayInvite &&
                html`${details(
                  {
                    summary: html`New link<span class="govuk-visually-hidden"> for ${name}</span>`,
                    open: ofLink(id).length > 0,
                  },
                  form(
                    { action: `${home}/${id}/link` },
                    html`${input({ name: 'address', id: `address-${id}`, type: 'email', label: 'Who passes it on', problems: ofLink(id), value: values[`address-${id}`] ?? '' })} ${button({ text: 'Send it', kind: 'secondary' })}`,
                  ),
                )}
                ${link === 'open' && inlineForm({ action: `${home}/${id}/end-link` }, button({ text: html`End the link<span class="govuk-visually-hidden"> of ${name}</span>`, kind: 'secondary', classes: 'pg-button--small' }))}`,
            ]),
          }),
        ),
  )
}

function returnSection({ service, setting, mayEdit, problems, values }: AccountsPage): Html {
  const shown = 'origins' in values ? values : { origins: setting.origins.join('\n'), returnTo: setting.address ?? '' }
  return section(
    {
      title: 'Back to your application',
      id: 'return',
      lede: `Whoever accepts can go on to your application with a claim that is good once and for ${claimMinutes} minutes. Its server redeems it with its own ids: from then on the link, every SDK and the gateway know one person.`,
    },
    box(html`${
      mayEdit
        ? form(
            { action: `/services/${service.key}/customers/return` },
            html`${textarea({ name: 'origins', label: 'Where people may be sent back to', hint: 'One origin a line, such as https://app.example.org', rows: 3, spellcheck: false, problems, values: shown })}
            ${input({ name: 'returnTo', label: 'Where they go unless their link says otherwise', hint: 'Left empty, to where the service begins. A link can say ?return=…', problems, values: shown })}
            ${button({ text: 'Save', kind: 'secondary' })}`,
          )
        : paragraph(
            setting.origins.length === 0 ? 'People go to where the service begins.' : setting.origins.join(', '),
          )
    }
    ${details(
      { summary: 'What its server sends' },
      codeBlock(
        `POST /api/v1/services/${service.key}/claims/redeem
Authorization: Bearer <server key>

{ "claim": "<phasegate_claim of the address>",
  "returnTo": "${setting.address ?? 'https://app.example.org/welcome'}",
  "user": "<your id of the person>",
  "account": { "id": "<your id of the account>" } }`,
        { label: 'The request that redeems a claim' },
      ),
    )}`),
  )
}
