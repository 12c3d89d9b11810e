import type { Feature } from '../../features/index.ts'
import type { Problem } from '../../platform/index.ts'
import {
  box,
  button,
  chip,
  copyable,
  dataTable,
  emptyState,
  form,
  html,
  inlineForm,
  input,
  meta,
  section,
  type Html,
} from '../../platform/html/index.ts'
import type { Service } from '../../services/index.ts'
import { day } from '../mails.ts'
import { smallButton } from '../pages/door-parts.ts'
import type { FeaturePreview, FeatureRemoval } from './store.ts'

export interface PeopleView {
  service: Service
  feature: Feature
  home: string
  now: Date
  removals: FeatureRemoval[]
  previews: FeaturePreview[]
  /** The link that was made just now, shown once. */
  madeLink: string | null
  rights: { maySwitch: boolean; maySeePeople: boolean; mayEdit: boolean }
  problems: Problem[]
  values: Record<string, string>
}

export function peopleContent(view: PeopleView): Html {
  return html`${previewSection(view)} ${removalSection(view)}`
}

/** FEAT-20 */
function previewSection(view: PeopleView): Html {
  const { feature, home, previews, madeLink, rights, problems, values } = view
  const note = feature.isOn
    ? 'A link is for one person, lets in every browser that opens it, and runs out after 14 days.'
    : 'The flag is off: links show the feature once it is switched on.'
  return section(
    { title: 'Preview links', id: 'previews', lede: note },
    html`${madeLink !== null && box(copyable({ id: 'preview-link', label: 'The preview link, shown once', value: madeLink, what: 'preview link' }))}
    ${previews.length === 0 ? emptyState({ title: 'No preview link yet', text: 'Show the feature to colleagues before anybody else has it.' }) : box(previewTable(view), { flush: true })}
    ${
      rights.mayEdit &&
      box(
        form(
          { action: `${home}/previews` },
          html`${input({
            name: 'viewer',
            label: 'Email address of the person whom it is for',
            hint: 'Colleagues have an account here. No mail is sent: hand the link over yourself',
            type: 'email',
            autocomplete: 'off',
            spellcheck: false,
            problems,
            values,
          })}
          ${input({
            name: 'outsiderReason',
            label: 'Reason, for somebody outside (optional)',
            hint: 'Previews are not given to outsiders. An exception needs a reason, which stands in the history',
            problems,
            values,
          })}
          ${button({ text: 'Make a link', kind: 'secondary' })}`,
        ),
      )
    }`,
  )
}

function previewTable({ service, home, now, previews, rights }: PeopleView): Html {
  const stateOf = ({ revokedAt, expiresAt }: FeaturePreview): Html | string => {
    if (revokedAt !== null) return chip('Ended', { tone: 'quiet' })
    return expiresAt <= now ? chip('Run out', { tone: 'quiet' }) : `Until ${day(expiresAt, service.timeZone)}`
  }
  return dataTable({
    caption: 'Preview links, newest first',
    hideCaption: true,
    head: [{ text: 'For', wide: true }, { text: 'Opened' }, { text: 'Link' }, { text: 'End', hidden: true }],
    rows: previews.map((preview) => {
      const { id, viewer, outsiderReason, uses, firstUsedAt, revokedAt, createdBy } = preview
      return [
        html`${viewer} ${outsiderReason !== null && chip('Outside')}<span class="pg-sub">Made by ${createdBy}${outsiderReason !== null && `. ${outsiderReason}`}</span>`,
        firstUsedAt === null
          ? 'Not yet'
          : `${day(firstUsedAt, service.timeZone)}, ${uses === 1 ? '1 browser' : `${uses} browsers`}`,
        stateOf(preview),
        rights.mayEdit &&
          revokedAt === null &&
          inlineForm({ action: `${home}/previews/${id}/end` }, smallButton('End', `the link for ${viewer}`)),
      ]
    }),
  })
}

/** FEAT-19 */
function removalSection({ service, home, removals, rights, problems, values }: PeopleView): Html {
  return section(
    {
      title: 'Removed by name',
      id: 'removed',
      lede: 'They do not have the feature, whatever else would let them have it. The service itself is not touched.',
    },
    html`${
      removals.length === 0
        ? emptyState({
            title: 'Nobody is removed',
            text: 'Take the feature from one person without changing it for others.',
          })
        : box(
            dataTable({
              caption: 'People removed by name, newest first',
              hideCaption: true,
              head: [{ text: 'Person', wide: true }, { text: 'By' }, { text: 'When' }, { text: 'Undo', hidden: true }],
              rows: removals.map(({ id, unit, address, at, by, reason }) => [
                html`${address ?? html`<code>${unit}</code>`}<span class="pg-sub">${reason}</span>`,
                by,
                day(at, service.timeZone),
                rights.maySwitch &&
                  inlineForm(
                    { action: `${home}/removals/${id}/undo` },
                    smallButton('Undo', `the removal of ${address ?? unit}`),
                  ),
              ]),
            }),
            { flush: true },
          )
    }
    ${
      rights.maySwitch &&
      box(
        form(
          { action: `${home}/removals` },
          html`${input({
            name: 'person',
            label: rights.maySeePeople ? 'Email address or reference' : 'Reference',
            hint: 'The reference of a person stands in the admissions ledger',
            autocomplete: 'off',
            spellcheck: false,
            problems,
            values,
          })}
          ${input({ name: 'personReason', label: 'Reason', hint: 'Everybody of the team reads it', problems, values })}
          ${button({ text: 'Take it from this person', kind: 'warning' })}
          ${meta('It can be taken back.')}`,
        ),
      )
    }`,
  )
}
