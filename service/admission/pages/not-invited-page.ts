import {
  actions,
  box,
  button,
  chip,
  dataTable,
  emptyState,
  form,
  html,
  input,
  moment,
  radios,
  section,
  split,
  type Html,
} from '../../platform/html/index.ts'
import { shortDateWords, type Problem } from '../../platform/index.ts'
import type { Service } from '../../services/index.ts'
import type { Suppressed, SuppressionReason } from '../invitations/suppression-store.ts'
import { homeOf, number, smallButton } from './door-parts.ts'

export const reasonWords: Record<SuppressionReason, string> = {
  declined: 'Said no',
  left: 'Left',
  erased: 'Was erased',
  bounced: 'Mail came back',
  asked: 'Asked not to be',
}

interface NotInvitedPage {
  service: Service
  shown: Suppressed[]
  count: number
  problems: Problem[]
  values: Record<string, string>
}

export function notInvitedLede(count: number): string {
  if (count === 0) return 'Everybody may be invited.'
  return `${number(count)} ${count === 1 ? 'address is' : 'addresses are'} never invited, by whatever list they come.`
}

/** ADM-41: who said no, left, was erased, or cannot be reached. */
export function notInvitedContent({ service, shown, count, problems, values }: NotInvitedPage): Html {
  const at = `${homeOf(service)}/not-invited`
  const list =
    shown.length === 0
      ? emptyState({
          title: 'Nobody is left out',
          text: 'Whoever says no, leaves the beta or is erased stands here by themselves. Add an address that must not be invited.',
        })
      : dataTable({
          caption: 'Addresses that are not invited, the newest first',
          hideCaption: true,
          head: [
            { text: 'Person', wide: true },
            { text: 'Why' },
            { text: 'Since, by whom' },
            { text: 'Actions', hidden: true },
          ],
          rows: shown.map(({ id, address, reason, at: since, by }) => [
            address ?? 'Somebody who was erased',
            chip(reasonWords[reason], { tone: 'quiet' }),
            html`${moment(since, shortDateWords(since, service.timeZone))}<span class="pg-sub">${by}</span>`,
            address !== null && actions(form({ action: `${at}/${id}/lift` }, smallButton('Allow again', address))),
          ]),
        })
  return html`${split(
    '7-5',
    section(
      {
        title: 'Addresses',
        id: 'addresses',
        aside: count > shown.length ? `The newest ${number(shown.length)}` : undefined,
      },
      box(list, { flush: shown.length > 0 }),
    ),
    section(
      { title: 'Add an address', id: 'add' },
      box(
        form(
          { action: at },
          html`${input({ name: 'address', type: 'email', spellcheck: false, label: 'Email address', problems, values })}
            ${radios({
              name: 'reason',
              legend: 'Why',
              items: [
                { value: 'asked', text: 'The person asked for it' },
                { value: 'bounced', text: 'Mails to it come back' },
              ],
              problems,
              value: values['reason'] ?? 'asked',
            })}
            ${button({ text: 'Do not invite', kind: 'secondary' })}`,
        ),
      ),
    ),
  )}`
}
