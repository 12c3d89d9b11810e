import {
  actions,
  barList,
  box,
  button,
  checkboxes,
  chip,
  dataTable,
  details,
  facts,
  form,
  html,
  input,
  insetText,
  meta,
  meter,
  moment,
  section,
  select,
  split,
  statList,
  type Html,
  type Tone,
} from '../../../platform/html/index.ts'
import { momentWords, type Problem } from '../../../platform/index.ts'
import type { Service } from '../../../services/index.ts'
import { homeOf, number, people } from '../../pages/door-parts.ts'
import type { DrawMethod } from '../../waitlist/draw.ts'
import { badOutcomes, lineOutcomes, outcomeWords, type Batch, type BatchState, type LineOutcome } from '../batch.ts'
import { sayWindow } from '../rules.ts'
import type { BatchView } from '../view.ts'

export interface BatchPage {
  service: Service
  view: BatchView
  mayInvite: boolean
  problems: Problem[]
  values: Record<string, string>
}

export const batchStateWords: Record<BatchState, { words: string; tone: Tone }> = {
  reading: { words: 'Being made', tone: 'data' },
  draft: { words: 'Not sent yet', tone: 'watch' },
  sending: { words: 'Sending', tone: 'data' },
  paused: { words: 'Paused', tone: 'watch' },
  done: { words: 'Sent', tone: 'quiet' },
  ended: { words: 'Ended', tone: 'quiet' },
}

export const methodWords: Record<DrawMethod, string> = {
  stratified: 'Those who are missing in the mix first, then by lot',
  random: 'By lot: everybody has the same chance',
  'first-come': 'In the order in which they asked',
}

export function batchLede({ batch, counts, funnel }: BatchView): string {
  const queued = counts.queued ?? 0
  if (batch.state === 'draft') return `${people(queued)} would be invited. Nothing is sent yet.`
  const sent = `${people(funnel.sent)} invited, ${number(funnel.accepted)} accepted`
  return queued === 0 ? `${sent}.` : `${sent}, ${number(queued)} still to come.`
}

export function batchOf(service: Service, batch: Pick<Batch, 'id'>): string {
  return `${homeOf(service)}/batches/${batch.id}`
}

export function batchContent(page: BatchPage): Html {
  const { view, mayInvite } = page
  const isDraft = view.batch.state === 'draft'
  return html`${pausedNote(page)}
  ${split(
    '7-5',
    html`${isDraft ? mayInvite && startSection(page) : funnelSection(view)} ${view.batch.draw !== null && drawSection(view)}`,
    html`${stateSection(page)} ${linesSection(page)}`,
  )}
  ${view.people !== null && peopleSection(view, view.people)}`
}

/** ADM-47: why, in words, where one looks first. */
function pausedNote({ view: { batch }, service }: BatchPage): Html | false {
  const { pausedWhy, pausedBy, pausedAt } = batch
  if (batch.state !== 'paused' || pausedWhy === null || pausedAt === null) return false
  const who = pausedBy === 'Phasegate' ? 'Sending paused by itself' : `${pausedBy ?? 'Somebody'} paused sending`
  return insetText({
    text: html`<strong>${who} on ${dayAndTime(pausedAt, service)}.</strong> ${pausedWhy}. Whoever is invited already keeps the place.`,
  })
}

function startSection({ service, view, problems, values }: BatchPage): Html {
  const { batch, counts, places } = view
  const queued = counts.queued ?? 0
  const free = places.free
  const typed = (name: string, usual: string) => ({ name, value: values[name] ?? usual, problems })
  const hours = (from: number, to: number) =>
    Array.from({ length: to - from + 1 }, (_, at) => ({ value: from + at, text: `${from + at}:00` }))
  const room =
    free === null
      ? 'There is no cap.'
      : `${free === 1 ? '1 place is' : `${number(free)} places are`} free of ${number(places.cap ?? 0)}.`
  return section(
    { title: 'When to send', id: 'start', aside: room },
    box(
      queued === 0
        ? html`<p class="govuk-body">Nobody of this batch needs an invitation. Discard it, and try another list.</p>`
        : form(
            { action: `${batchOf(service, batch)}/start` },
            html`${input({ ...typed('perHour', ''), label: 'At most how many an hour?', hint: 'Empty for as quickly as possible. Fewer at a time leave you room to answer', inputmode: 'numeric', classes: 'govuk-input--width-5' })}
              ${details(
                {
                  summary: 'Days, hours and limits',
                  id: 'window',
                  open: problems.some(({ field }) => windowFields.includes(field)),
                },
                html`${checkboxes({
                  name: 'weekdays',
                  legend: { text: 'Days', classes: 'govuk-fieldset__legend--s' },
                  items: weekdays.map((text, at) => ({ value: String(at + 1), text })),
                  chosen: (values['weekdays'] ?? ('perHour' in values ? '' : '1\n2\n3\n4\n5\n6\n7')).split('\n'),
                  classes: 'govuk-checkboxes--small',
                  problems,
                })}
                ${select({ ...typed('fromHour', '0'), label: 'Not before', hint: `In the time of the service, ${service.timeZone}`, items: hours(0, 23) })}
                ${select({ ...typed('toHour', '24'), label: 'Not after', items: hours(1, 24) })}
                ${input({ ...typed('beginsOn', ''), label: 'Begin on', hint: 'A day like 2026-12-01, or empty for now', classes: 'govuk-input--width-10' })}
                ${input({ ...typed('cap', batch.cap === null ? '' : String(batch.cap)), label: 'At most how many of this batch may be in?', hint: 'Empty for no limit of its own', inputmode: 'numeric', classes: 'govuk-input--width-5' })}
                ${input({ ...typed('days', String(batch.days)), label: 'For how many days is an invitation good?', inputmode: 'numeric', classes: 'govuk-input--width-2' })}`,
              )}
              ${
                free !== null &&
                checkboxes({
                  name: 'overInvite',
                  items: [
                    {
                      value: 'yes',
                      text: 'Invite more people than there are places',
                      hint: 'The mail then says that places are limited',
                    },
                  ],
                  chosen: batch.overInvite || values['overInvite'] === 'yes' ? ['yes'] : [],
                  problems,
                })
              }
              ${button({ text: `Invite ${people(queued)}`, preventDoubleClick: true })}`,
          ),
    ),
  )
}

const windowFields = ['weekdays', 'fromHour', 'toHour', 'beginsOn', 'cap', 'days']
const weekdays = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday']

/** Only what is measured; where consent limits what can be known, that stands beside it. */
function funnelSection({ funnel, uses }: BatchView): Html {
  const share = (n: number): string =>
    funnel.sent === 0 ? number(n) : `${number(n)} (${Math.round((100 * n) / funnel.sent)}%)`
  const bars = [
    { name: 'Invited', value: funnel.sent, words: number(funnel.sent) },
    { name: 'Accepted', value: funnel.accepted, words: share(funnel.accepted), strong: true },
    { name: 'Used the new service', value: uses.used, words: share(uses.used) },
    { name: 'Completed something in it', value: uses.completed, words: share(uses.completed) },
  ]
  return section(
    { title: 'From invited to completed', id: 'funnel' },
    box(html`${barList({ bars, max: Math.max(1, funnel.sent), label: 'From invited to completed' })}
    ${meta('Opening a mail’s link is not counted: programs that check mails open links too. The last two count only people whose visits may be measured, so there may be more.')}
    ${statList([
      { name: 'Open', value: number(funnel.open) },
      { name: 'Said no', value: number(funnel.declined) },
      { name: 'Ran out', value: number(funnel.ranOut) },
      { name: 'Withdrawn', value: number(funnel.withdrawn) },
    ])}`),
  )
}

/** ADM-43: how it was drawn, so that anybody can draw it again. */
function drawSection({ batch: { draw } }: BatchView): Html | false {
  if (draw === null) return false
  const { method, seed, candidates, filters, needs } = draw
  const shown = needs.filter(({ needed }) => needed > 0)
  return section(
    { title: 'How they were drawn', id: 'draw' },
    box(html`${facts([
      { name: 'Order', value: methodWords[method] },
      { name: 'From', value: `${people(candidates)} who waited` },
      filters.length > 0 && {
        name: 'Only',
        value: filters.map(({ attribute, values }) => `${attribute}: ${values.join(' or ')}`).join('; '),
      },
      { name: 'Seed', value: html`<code>${seed}</code>`, note: 'The same seed and people give the same draw' },
    ])}
    ${
      shown.length > 0 &&
      dataTable({
        caption: 'What the draw does for the mix',
        head: [
          { text: 'Who', wide: true },
          { text: 'Missing', numeric: true },
          { text: 'Drawn', numeric: true },
          { text: 'Still missing', numeric: true },
        ],
        rows: shown.map(({ attribute, value, needed, filled }) => [
          html`${attribute}: ${value}${meter({ value: Math.min(filled, needed), max: needed, label: `${attribute}: ${value}: ${filled} of ${needed} missing drawn` })}`,
          number(needed),
          number(filled),
          number(Math.max(0, needed - filled)),
        ]),
      })
    }`),
  )
}

function stateSection({ service, view, mayInvite }: BatchPage): Html {
  const { batch, funnel } = view
  const { words, tone } = batchStateWords[batch.state]
  const at = batchOf(service, batch)
  const isUnderWay = batch.state === 'sending' || batch.state === 'paused'
  const canWithdraw = batch.state !== 'draft' && funnel.open > 0
  return section(
    { title: 'State', id: 'state', aside: chip(words, { tone }) },
    box(html`${facts([
      {
        name: 'Made',
        value: html`${moment(batch.createdAt, dayAndTime(batch.createdAt, service))} by ${batch.createdBy}`,
      },
      batch.state !== 'draft' &&
        batch.beginsAt !== null && { name: 'From', value: moment(batch.beginsAt, dayAndTime(batch.beginsAt, service)) },
      batch.state !== 'draft' && { name: 'When', value: sayWindow(batch) },
      batch.cap !== null && { name: 'At most', value: `${people(batch.cap)} of it in at a time` },
    ])}
    ${
      mayInvite &&
      html`${actions(
        batch.state === 'sending' &&
          form({ action: `${at}/pause` }, button({ text: 'Pause', kind: 'secondary', classes: 'pg-button--small' })),
        batch.state === 'paused' &&
          form({ action: `${at}/resume` }, button({ text: 'Let it go on', classes: 'pg-button--small' })),
        (isUnderWay || batch.state === 'draft') &&
          form(
            { action: `${at}/end` },
            button({
              text: batch.state === 'draft' ? 'Discard' : 'End it here',
              kind: 'secondary',
              classes: 'pg-button--small',
            }),
          ),
      )}
      ${
        canWithdraw &&
        details(
          { summary: 'Withdraw what is open', id: 'withdraw' },
          html`<p class="govuk-body">${people(funnel.open)} ${funnel.open === 1 ? 'holds' : 'hold'} an open invitation. Their links end; whoever accepted stays in.</p>
            ${form({ action: `${at}/end` }, html`<input type="hidden" name="revoke" value="yes" />${button({ text: funnel.open === 1 ? 'Withdraw the open invitation' : `Withdraw ${number(funnel.open)} open invitations`, kind: 'warning' })}`)}`,
        )
      }`
    }`),
  )
}

function linesSection({ service, view }: BatchPage): Html {
  const { batch, counts } = view
  const bad = badOutcomes.reduce((sum, outcome) => sum + (counts[outcome] ?? 0), 0)
  const at = batchOf(service, batch)
  const shown = lineOutcomes.filter((outcome) => (counts[outcome] ?? 0) > 0)
  const maySeePeople = view.people !== null
  return section(
    { title: 'What becomes of each line', id: 'lines' },
    box(html`${statList(shown.map((outcome) => ({ name: outcomeWords[outcome], value: number(counts[outcome] ?? 0) })))}
    ${maySeePeople && bad > 0 && html`<p class="govuk-body"><a class="govuk-link" href="${at}/results.csv?only=bad">Download ${bad === 1 ? 'the bad line' : `the ${number(bad)} bad lines`}</a> with the reason, correct ${bad === 1 ? 'it' : 'them'}, and read ${bad === 1 ? 'it' : 'them'} as a list of ${bad === 1 ? 'its' : 'their'} own.</p>`}
    ${meta(maySeePeople ? html`<a class="govuk-link" href="${at}/results.csv">Download every line with its result</a>` : 'Whoever deals with people can download the lines.')}`),
  )
}

const tones: Partial<Record<LineOutcome, Tone>> = { invited: 'data', 'not-an-address': 'stop', 'not-readable': 'stop' }

function peopleSection({ batch, counts }: BatchView, shown: NonNullable<BatchView['people']>): Html {
  const all = Object.values(counts).reduce((sum, n) => sum + n, 0)
  return section(
    {
      title: batch.state === 'draft' ? 'Who they are' : 'People',
      id: 'people',
      aside: all > shown.length ? `The first ${shown.length} of ${number(all)}` : undefined,
    },
    box(
      dataTable({
        caption: 'The first people of the batch',
        hideCaption: true,
        head: [{ text: 'Person', wide: true }, { text: 'Result' }],
        rows: shown.map(({ address, line, outcome }) => [
          address ?? (line.trim() === '' ? 'An empty line' : line),
          chip(outcomeWords[outcome], { tone: tones[outcome] ?? 'quiet' }),
        ]),
      }),
      { flush: true },
    ),
  )
}

function dayAndTime(at: Date, service: Service): string {
  return momentWords(at, service.timeZone)
}
