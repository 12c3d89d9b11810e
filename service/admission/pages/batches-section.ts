import { shortDateWords } from '../../platform/index.ts'
import {
  box,
  button,
  chip,
  dataTable,
  details,
  form,
  html,
  input,
  meta,
  moment,
  section,
  textarea,
  type Html,
} from '../../platform/html/index.ts'
import { batchOf, batchStateWords } from '../batches/pages/batch-page.ts'
import { moreAnswersThan } from '../words.ts'
import { homeOf, number, type DoorPage } from './door-parts.ts'

/** Batches, with what is under way and why something is not. */
export function batchesSection({ service, view }: DoorPage): Html | false {
  if (view.batches.length === 0) return false
  return section(
    { title: 'Batches', id: 'batches' },
    box(
      dataTable({
        caption: 'Batches of invitations, newest first',
        hideCaption: true,
        head: [
          { text: 'Batch', wide: true },
          { text: 'State' },
          { text: 'To come', numeric: true },
          { text: 'Invited', numeric: true },
          { text: 'Accepted', numeric: true },
        ],
        rows: view.batches.map((batch) => [
          html`<a class="govuk-link" href="${batchOf(service, batch)}">${batch.name}</a><span class="pg-sub">
              ${moment(batch.createdAt, shortDateWords(batch.createdAt, service.timeZone))}</span
            >`,
          html`${stateChip(batch)}${batch.pausedWhy !== null && html` <span class="pg-sub">${batch.pausedWhy}</span>`}`,
          number(batch.queued),
          number(batch.invited),
          number(batch.accepted),
        ]),
      }),
      { flush: true },
    ),
  )
}

function stateChip({ state, brokeOff }: DoorPage['view']['batches'][number]): Html {
  const { words, tone } = batchStateWords[state]
  return brokeOff === null ? chip(words, { tone }) : chip('Not made', { tone: 'stop' })
}

/** ADM-47, ADM-48: what holds sending back. */
export function sendingSection({ service, view, rights, problems, values }: DoorPage): Html {
  const { unansweredLimit, onlyAttribute, onlyValues } = view.sendingRule
  const typed = 'unanswered' in values ? values : {}
  const limit =
    unansweredLimit === null
      ? 'No number of waiting answers pauses it'
      : `Pauses by itself when ${moreAnswersThan(unansweredLimit)} for you`
  const only = onlyAttribute === null ? 'Everybody may be invited' : `Only ${onlyAttribute}: ${onlyValues.join(', ')}`
  return section(
    { title: 'Sending invitations', id: 'sending' },
    box(html`${view.halt !== null && html`<p class="govuk-body"><b>Paused: the beta is halted.</b></p>`}${meta(`${limit}, and when the beta is halted. ${only}.`)}
    ${
      rights.mayShare &&
      details(
        { summary: 'Change when it pauses and whom it reaches', id: 'sending-rule', open: 'unanswered' in values },
        form(
          { action: `${homeOf(service)}/sending` },
          html`${input({
            name: 'unanswered',
            label: 'Pause when more answers than this wait',
            hint: 'Empty for no limit',
            inputmode: 'numeric',
            classes: 'govuk-input--width-5',
            value: typed['unanswered'] ?? (unansweredLimit === null ? '' : String(unansweredLimit)),
            problems,
          })}
            ${input({ name: 'onlyAttribute', label: 'Invite only people of whom this is known', hint: 'A question’s short name or a column of your lists, such as “Region”. Empty for everybody', value: typed['onlyAttribute'] ?? onlyAttribute ?? '', problems })}
            ${textarea({ name: 'onlyValues', label: 'Which', hint: 'One a line', rows: 3, value: typed['onlyValues'] ?? onlyValues.join('\n'), problems })}
            ${button({ text: 'Save', kind: 'secondary' })}`,
        ),
      )
    }`),
  )
}
