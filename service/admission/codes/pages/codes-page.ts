import {
  actions,
  box,
  button,
  checkboxes,
  chip,
  dataTable,
  emptyState,
  form,
  html,
  input,
  meta,
  moment,
  section,
  split,
  textarea,
  type Html,
  type Tone,
} from '../../../platform/html/index.ts'
import { longDateWords, type Problem } from '../../../platform/index.ts'
import { isProduct, type Service } from '../../../services/index.ts'
import { offerOfService } from '../../offer.ts'
import { homeOf, number, smallButton } from '../../pages/door-parts.ts'
import { codeDays, mostLetters, type Code } from '../code.ts'
import type { ToldCode } from '../making.ts'
import { stateOf, type CodeState } from '../rules.ts'

export interface CodesPage {
  service: Service
  codes: Code[]
  at: Date
  /** Just made: told this once. */
  told: { kind: 'shared' | 'letter'; codes: readonly ToldCode[] } | null
  /** Where people type a code, as they would type the address. */
  typedAt: string
  rights: { mayInvite: boolean }
  problems: Problem[]
  values: Record<string, string>
}

const stateWords: Record<CodeState, { words: string; tone: Tone }> = {
  open: { words: 'Open', tone: 'data' },
  'used-up': { words: 'Used up', tone: 'quiet' },
  expired: { words: 'Ran out', tone: 'watch' },
  revoked: { words: 'Withdrawn', tone: 'quiet' },
}

export function codesOf(service: Service): string {
  return `${homeOf(service)}/codes`
}

export function codesLede(codes: readonly Code[], at: Date): string {
  const open = codes.filter((code) => stateOf(code, at) === 'open').length
  if (codes.length === 0) return 'For people without email, for a poster, or for a whole organisation.'
  return `${number(open)} ${open === 1 ? 'code lets' : 'codes let'} people in now.`
}

export function codesContent(page: CodesPage): Html {
  const { told, rights } = page
  if (told !== null && told.kind === 'letter') return lettersSheet(page, told.codes)
  return html`${told !== null && toldSection(page, told.codes)}
  ${split('7-5', listSection(page), rights.mayInvite && html`${sharedForm(page)} ${lettersForm(page)}`)}`
}

function toldSection({ typedAt }: CodesPage, codes: readonly ToldCode[]): Html {
  return section(
    { title: 'The code, shown this once', id: 'told' },
    box(html`${codes.map(({ name, code }) => html`<p class="govuk-body">${name}</p><p class="pg-readout">${code}</p>`)}
    <p class="govuk-body">People type it at ${typedAt}.</p>
    ${meta('It is kept so that it can be checked, not so that it can be read: write it down now.')}`),
  )
}

/** One letter a page on paper, and nothing else of the page. */
function lettersSheet({ service, typedAt }: CodesPage, codes: readonly ToldCode[]): Html {
  const offer = offerOfService(service)
  return html`<div class="pg-noprint">
      <p class="govuk-body-l">Print this page now: the codes are shown this once. Each letter begins on a page of its own.</p>
      ${meta(html`<a class="govuk-link" href="${codesOf(service)}">Back to the codes</a>`)}
    </div>
    ${codes.map(
      ({ name, code, expiresAt }) =>
        html`<article class="pg-letter" aria-label="Letter for ${name}">
          <p class="pg-letter__to">${name}</p>
          <h2 class="govuk-heading-m">${offer.title}</h2>
          <p class="govuk-body">${offer.saysHere}</p>
          <p class="govuk-body">Open this address in your browser:</p>
          <p class="pg-letter__address">${typedAt}</p>
          <p class="govuk-body">There, enter this code. It is yours alone, and works once, until ${longDateWords(expiresAt, service.timeZone)}:</p>
          <p class="pg-readout">${code}</p>
          <p class="govuk-body">
            The page says what it means to take part, before you decide.
            ${service.currentUrl === null ? 'You can leave at any time.' : 'You can go back to the current service at any time.'}
            ${!isProduct(service) && 'Taking part has no effect on what you apply for.'} If you do not want to, do nothing: we do not write again.
          </p>
          ${service.contact !== '' && html`<p class="govuk-body">Need help? ${service.contact}</p>`}
        </article>`,
    )}`
}

function listSection({ service, codes, at, rights }: CodesPage): Html {
  const list =
    codes.length === 0
      ? emptyState({
          title: 'No codes yet',
          text: 'A code lets somebody in without a mail: read it out on the telephone, print it in a letter, or hang it up.',
        })
      : dataTable({
          caption: 'Codes, newest first',
          hideCaption: true,
          head: [
            { text: 'Code', wide: true },
            { text: 'State' },
            { text: 'Used', numeric: true },
            { text: 'Until' },
            { text: 'Actions', hidden: true },
          ],
          rows: codes.map((code) => {
            const state = stateOf(code, at)
            const { words, tone } = stateWords[state]
            const notes = [
              code.kind === 'letter' ? 'for one person' : 'shared',
              code.domain !== null && `only @${code.domain}`,
              code.rung === 'staff' && 'counts as the team',
              code.cohort !== null && code.cohort,
            ].filter((note) => note !== false)
            return [
              html`${code.name}<span class="pg-sub"> ${notes.join(', ')}</span>`,
              chip(words, { tone }),
              `${number(code.used)} of ${number(code.mostUses)}`,
              moment(code.expiresAt, longDateWords(code.expiresAt, service.timeZone)),
              rights.mayInvite &&
                state === 'open' &&
                actions(form({ action: `${codesOf(service)}/${code.id}/revoke` }, smallButton('Withdraw', code.name))),
            ]
          }),
        })
  return section({ title: 'Codes', id: 'codes' }, box(list, { flush: codes.length > 0 }))
}

function sharedForm({ service, problems, values }: CodesPage): Html {
  const own = 'mostUses' in values ? { problems, values } : {}
  return section(
    { title: 'A code that many share', id: 'shared' },
    box(
      form(
        { action: codesOf(service) },
        html`${input({ name: 'name', label: 'Name', hint: 'Such as “Poster in the library”', ...own })}
          ${input({ name: 'mostUses', label: 'For at most how many people?', inputmode: 'numeric', classes: 'govuk-input--width-5', ...own })}
          ${input({ name: 'domain', label: 'Only for addresses of', hint: 'Such as “example.org”: then a mail proves the address. Empty for everybody who has the code', ...own })}
          ${checkboxes({ name: 'isStaff', items: [{ value: 'yes', text: 'They are colleagues, or an internal account: count them as the team', hint: 'Only with a domain. They take no place, and are in as soon as the team is' }], ...own })}
          ${input({ name: 'cohort', label: 'Group, if you want to tell them apart', ...own })}
          ${input({ name: 'days', label: 'Good for how many days?', inputmode: 'numeric', classes: 'govuk-input--width-2', value: own.values?.['days'] ?? String(codeDays), ...(own.problems === undefined ? {} : { problems }) })}
          ${button({ text: 'Make the code' })}`,
      ),
    ),
  )
}

function lettersForm({ service, problems, values }: CodesPage): Html {
  const own = 'names' in values ? { problems, values } : {}
  return section(
    { title: 'Codes for single people', id: 'letters', lede: 'To read out, or printed as letters. Each is good once.' },
    box(
      form(
        { action: `${codesOf(service)}/letters` },
        html`${textarea({ name: 'names', label: 'For whom', hint: `One a line, at most ${mostLetters}: a name or a reference of your own. It stands on the letter`, rows: 5, ...own })}
          ${input({ name: 'cohort', id: 'letters-cohort', label: 'Group', ...own })}
          ${input({ name: 'days', id: 'letters-days', label: 'Good for how many days?', inputmode: 'numeric', classes: 'govuk-input--width-2', value: own.values?.['days'] ?? '28', ...(own.problems === undefined ? {} : { problems }) })}
          ${button({ text: 'Make the letters', kind: 'secondary' })}`,
      ),
    ),
  )
}
