import { dateWords, dayWords } from '../../platform/index.ts'
import {
  box,
  button,
  chip,
  details,
  emptyState,
  factStrip,
  form,
  html,
  input,
  liveRegion,
  section,
  select,
  textarea,
  type Content,
  type Html,
  type Tone,
} from '../../platform/html/index.ts'
import type { Tried } from '../acts.ts'
import {
  readinessStates,
  readinessWords,
  type Day,
  type Partner,
  type Readiness,
  type ReadinessState,
  type UnexpectedUse,
} from './partners.ts'

export interface PartnersPage {
  /** Of the service. */
  home: string
  timeZone: string
  today: Day
  partners: Partner[]
  uses: UnexpectedUse[]
  mayWrite: boolean
  tried: Tried
}

export function partnersContent(page: PartnersPage): Html {
  return html`${liveRegion('partners-facts', strip(page))} ${partnersSection(page)} ${unexpectedSection(page)}`
}

const tones: Record<ReadinessState, Tone> = { ready: 'met', partly: 'watch', 'not-yet': 'stop' }

function strip({ partners, uses }: PartnersPage): Html {
  const ready = partners.filter(({ readiness: [last] }) => last?.state === 'ready').length
  const open = uses.filter(({ response }) => response === null).length
  return factStrip([
    { name: 'Ready', value: partners.length === 0 ? 'None named' : `${ready} of ${partners.length}` },
    { name: 'Uses that nobody foresaw', value: uses.length === 0 ? 'None logged' : uses.length },
    { name: 'Without a response', value: uses.length === 0 ? 'No data' : open },
  ])
}

/** What was typed into the form about this thing, and nothing of the others. */
function triedAbout({ tried }: PartnersPage, of: string): Pick<Tried, 'problems' | 'values'> & { isOpen: boolean } {
  const isIt = tried.of === of && of !== ''
  return { problems: isIt ? tried.problems : [], values: isIt ? tried.values : {}, isOpen: isIt }
}

function triedAnew({ tried }: PartnersPage, first: string): Pick<Tried, 'problems' | 'values'> {
  const isIt = tried.of === '' && tried.values[first] !== undefined
  return isIt ? tried : { problems: [], values: {} }
}

function partnersSection(page: PartnersPage): Html {
  const { partners, mayWrite, home } = page
  const tried = triedAnew(page, 'does')
  return section(
    {
      title: 'Is each of them ready?',
      id: 'partners',
      lede: 'The client and its units, suppliers, neighbours: whoever has to adapt when new people use the service in new ways.',
    },
    html`${
      partners.length === 0
        ? emptyState({
            title: 'No partner organisation is named yet',
            text: 'Name each one whose own people would feel it, ask who there answers for it, and record what they have ready.',
            level: 3,
          })
        : html`<ol class="pg-thread">${partners.map((partner) => partnerItem(page, partner))}</ol>`
    }
    ${
      mayWrite &&
      box(
        form(
          { action: `${home}/partners` },
          html`${input({ name: 'name', label: 'Which organisation is to be ready?', ...tried })}
          ${input({ name: 'does', label: 'What does it do with the service, or for those who use it?', hint: 'Such as “answers calls about it”', ...tried })}
          ${button({ text: 'Add it', kind: 'secondary' })}`,
        ),
      )
    }`,
  )
}

function partnerItem(page: PartnersPage, partner: Partner): Html {
  const { id, name, does, readiness } = partner
  const [last, ...before] = readiness
  return html`<li class="pg-thread__item" id="p-${id}">
    <div class="pg-msg">
      <p class="pg-meta">${last === undefined ? chip('Nothing said yet', { tone: 'watch' }) : chip(readinessWords[last.state], { tone: tones[last.state] })}</p>
      <h3 class="govuk-heading-s">${name}</h3>
      <p class="pg-msg__text">${does}</p>
      ${last !== undefined && saidItem(last, page.timeZone)}
    </div>
    ${
      before.length > 0 &&
      details(
        { summary: html`What it said before<span class="govuk-visually-hidden">: ${name}</span>` },
        before.map(
          (said) =>
            html`<p class="govuk-body"><b>${readinessWords[said.state]}</b></p>${saidItem(said, page.timeZone)}`,
        ),
      )
    }
    ${page.mayWrite && [readinessForm(page, partner), endForm(page, partner)]}
  </li>`
}

function saidItem({ prepared, saidBy, saidOn, recordedBy, recordedAt }: Readiness, timeZone: string): Html {
  return html`<p class="pg-msg__text">${prepared}</p>
    <p class="pg-meta">Said by ${saidBy}, ${dayWords(saidOn)}. Recorded by ${recordedBy}, ${dateWords(recordedAt, timeZone)}</p>`
}

function ofOne(words: string, name: string): Content {
  return html`${words}<span class="govuk-visually-hidden">: ${name}</span>`
}

function readinessForm(page: PartnersPage, { id, name }: Partner): Html {
  const { isOpen, ...tried } = triedAbout(page, id)
  const isIt = isOpen && tried.values['because'] === undefined
  const shown = isIt ? tried : { problems: [], values: {} }
  const named = (field: string) => ({ name: field, id: isIt ? field : `${field}-${id}`, ...shown })
  const states = readinessStates.map((value) => ({ value, text: readinessWords[value] }))
  return details(
    { summary: ofOne('Record what it says', name), open: isIt },
    form(
      { action: `${page.home}/partners/${id}/readiness` },
      html`${select({ ...named('state'), label: 'How ready is it?', items: states })}
      ${textarea({ ...named('prepared'), label: 'What is prepared, and what is left?', rows: 3 })}
      ${input({ ...named('saidBy'), label: 'Who of the organisation says so?' })}
      ${input({ ...named('saidOn'), label: 'On which day?', hint: 'Such as 2026-11-20', values: { saidOn: page.today, ...shown.values }, classes: 'govuk-input--width-10' })}
      ${button({ text: 'Record it', kind: 'secondary' })}`,
    ),
  )
}

function endForm(page: PartnersPage, { id, name }: Partner): Html {
  const { isOpen, ...tried } = triedAbout(page, id)
  const isIt = isOpen && tried.values['because'] !== undefined
  const shown = isIt ? tried : { problems: [], values: {} }
  return details(
    { summary: ofOne('Take it off the list', name), open: isIt },
    form(
      { action: `${page.home}/partners/${id}/end` },
      html`${input({ name: 'because', id: isIt ? 'because' : `because-${id}`, label: 'Why is it no partner any more?', ...shown })}
      ${button({ text: 'Take it off the list', kind: 'secondary' })}`,
    ),
  )
}

function unexpectedSection(page: PartnersPage): Html {
  const { uses, partners, mayWrite, home, today } = page
  const tried = triedAnew(page, 'seen')
  const none = { value: '', text: 'None in particular' }
  return section(
    {
      title: 'Uses that nobody foresaw',
      id: 'unexpected',
      lede: 'What people did in ways that nobody had in mind, and what was done about it. Those without a response stand first.',
    },
    html`${
      uses.length === 0
        ? emptyState({
            title: 'Nothing is logged yet',
            text: 'Ask those who meet people, in Support and in each organisation, what surprised them, and log it here.',
            level: 3,
          })
        : html`<ol class="pg-thread">${uses.map((use) => useItem(page, use))}</ol>`
    }
    ${
      mayWrite &&
      box(
        form(
          { action: `${home}/unexpected-uses` },
          html`${textarea({ name: 'seen', label: 'What did people do that nobody foresaw?', rows: 3, ...tried })}
          ${input({ name: 'seenOn', label: 'When was it seen?', hint: 'Such as 2026-11-20', ...tried, values: { seenOn: today, ...tried.values }, classes: 'govuk-input--width-10' })}
          ${input({ name: 'seenBy', label: 'Who saw it?', ...tried })}
          ${
            partners.length > 0 &&
            select({
              name: 'partner',
              label: 'Which organisation saw it, or does it concern?',
              items: [none, ...partners.map(({ id, name }) => ({ value: id, text: name }))],
              ...tried,
            })
          }
          ${button({ text: 'Log it', kind: 'secondary' })}`,
        ),
      )
    }`,
  )
}

function useItem(page: PartnersPage, use: UnexpectedUse): Html {
  const { id, seen, seenOn, seenBy, partner, response, respondedAt, respondedBy } = use
  const { isOpen, ...tried } = triedAbout(page, id)
  return html`<li class="pg-thread__item" id="u-${id}">
    <div class="pg-msg">
      <p class="pg-meta">${response === null ? chip('No response yet', { tone: 'watch' }) : chip('Answered', { tone: 'met' })}
        Seen by ${seenBy}${partner !== null && `, ${partner}`}, ${dayWords(seenOn)}</p>
      <p class="pg-msg__text">${seen}</p>
      ${response !== null && html`<p class="pg-msg__text"><b>What was done:</b> ${response}</p><p class="pg-meta">${respondedBy}, ${respondedAt !== null && dateWords(respondedAt, page.timeZone)}</p>`}
    </div>
    ${
      page.mayWrite &&
      details(
        { summary: ofOne(response === null ? 'Respond' : 'Respond anew', seen.slice(0, 80)), open: isOpen },
        form(
          { action: `${page.home}/unexpected-uses/${id}/response` },
          html`${textarea({ name: 'response', id: isOpen ? 'response' : `response-${id}`, label: 'What was done about it, or why nothing?', rows: 3, ...tried })}
          ${button({ text: 'Save the response', kind: 'secondary' })}`,
        ),
      )
    }
  </li>`
}
