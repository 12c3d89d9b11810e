import type { Problem } from '../../../platform/index.ts'
import {
  actions,
  box,
  button,
  checkboxes,
  factStrip,
  form,
  html,
  input,
  link,
  paragraph,
  radios,
  section,
  textarea,
  type Html,
} from '../../../platform/html/index.ts'
import type { Feature } from '../../../features/index.ts'
import type { Service } from '../../../services/index.ts'
import type { Customer } from '../../customers/customers.ts'
import { pools, poolWords, type Beta } from '../betas.ts'

export interface BetaPage {
  service: Service
  feature: Feature
  beta: Beta
  customers: Customer[]
  /** How many chose it themselves. */
  chose: { on: number; off: number }
  mayOpen: boolean
  problems: Problem[]
  values: Record<string, string>
}

/** Between the pages of one beta. */
export function betaLinks(
  service: Service,
  { key }: Feature,
  { here, mayReadRoom }: { here: keyof typeof betaPages; mayReadRoom: boolean },
): Html {
  const home = `/services/${service.key}/features/${key}`
  const pages = Object.entries(betaPages)
    .filter(([page]) => page === 'beta' || mayReadRoom)
    .map(([page, name]) => (page === here ? html`<b aria-current="page">${name}</b>` : link(name, `${home}/${page}`)))
  return actions(...pages, link('The feature', home))
}

const betaPages = { room: 'Beta room', learning: 'What we learn', testimonials: 'Testimonials', beta: 'Who gets it' }

export function betaContent(page: BetaPage): Html {
  const { service, feature, beta, chose } = page
  const home = `/services/${service.key}/features/${feature.key}`
  return html`${factStrip([
    { name: 'Open to', value: poolWords[beta.pool].name },
    { name: 'People switch it themselves', value: beta.offered ? 'Yes' : 'No' },
    { name: 'Switched on by themselves', value: chose.on },
    { name: 'Switched off by themselves', value: chose.off },
    { name: 'At most', value: sayCap(beta) },
  ])}
  ${section(
    {
      title: 'To whom it is opened',
      id: 'open',
      lede: 'From the beta release on, while the flag is on. The pool counts in the beta release; accounts and own choices stay after it.',
    },
    box(
      page.mayOpen
        ? betaForm(page, home)
        : html`${paragraph(`${poolWords[beta.pool].name}. ${poolWords[beta.pool].says}. Growth or Support change it.`)}
          ${beta.accounts.length > 0 && paragraph(html`<b>Accounts:</b> ${beta.accounts.map(({ name }) => name).join(', ')}`)}
          ${feature.cohorts.length > 0 && paragraph(html`<b>Cohorts:</b> ${feature.cohorts.map(({ name }) => name).join(', ')}`)}`,
    ),
  )}`
}

function sayCap({ cap, capCounts }: Beta): string {
  if (cap === null) return 'No cap'
  if (cap === 1) return capCounts === 'accounts' ? '1 account' : '1 person'
  return `${cap.toLocaleString('en-GB')} ${capCounts}`
}

function betaForm({ service, feature, beta, customers, problems, values }: BetaPage, home: string): Html {
  const stored: Record<string, string> = {
    pool: beta.pool,
    ...(beta.offered ? { offered: 'yes' } : {}),
    changes: beta.changes,
    cap: beta.cap === null ? '' : String(beta.cap),
    capCounts: beta.capCounts,
  }
  const shown = 'pool' in values ? values : stored
  const chosen = 'pool' in values ? (values.accounts ?? '').split('\n') : beta.accounts.map(({ name }) => name)
  return form(
    { action: `${home}/beta` },
    html`${radios({
      name: 'pool',
      legend: { text: 'Who can get it?', classes: 'govuk-fieldset__legend--s' },
      items: pools.map((value) => ({ value, text: poolWords[value].name, hint: poolWords[value].says })),
      problems,
      values: shown,
    })}
    ${
      customers.length > 0 &&
      checkboxes({
        name: 'accounts',
        legend: { text: 'Accounts: all of their people who are in', classes: 'govuk-fieldset__legend--s' },
        hint: html`${link('All accounts', `/services/${service.key}/customers`)}`,
        items: customers.map(({ name, taken }) => ({
          value: name,
          text: name,
          hint: taken === 1 ? '1 person is in' : `${taken} people are in`,
        })),
        chosen,
        problems,
      })
    }
    ${paragraph(feature.cohorts.length === 0 ? html`No cohort has it. ${link('Choose cohorts', `${home}#cohorts`)}` : html`Cohorts: ${feature.cohorts.map(({ name }) => name).join(', ')}. ${link('Change them', `${home}#cohorts`)}`)}
    ${checkboxes({
      name: 'offered',
      items: [
        {
          value: 'yes',
          text: 'Whoever is in the service may switch it on and off',
          hint: 'On the page “Try new things”',
        },
      ],
      problems,
      values: shown,
    })}
    ${textarea({ name: 'changes', label: 'What it changes for them', hint: 'In plain words: it stands on the page “Try new things”', rows: 3, problems, values: shown })}
    ${input({ name: 'cap', label: 'At most how many?', hint: 'Left empty, as many as the rest allows. Whoever came first stays', inputmode: 'numeric', classes: 'govuk-input--width-5', problems, values: shown })}
    ${radios({
      name: 'capCounts',
      legend: { text: 'Of what?', classes: 'govuk-fieldset__legend--s' },
      items: [
        { value: 'people', text: 'People' },
        { value: 'accounts', text: 'Accounts', hint: 'Somebody without an account counts as one' },
      ],
      problems,
      values: shown,
    })}
    ${input({ name: 'reason', label: 'Reason', hint: 'It stands in the history', problems, values: shown })}
    ${button({ text: 'Save' })}`,
  )
}
