import type { Feature } from '../../features/index.ts'
import { longDateWords, type Problem } from '../../platform/index.ts'
import {
  box,
  button,
  chip,
  copyable,
  dataTable,
  details,
  emptyState,
  form,
  html,
  inlineForm,
  input,
  meta,
  paragraph,
  radios,
  section,
  select,
  textarea,
  type Content,
  type Html,
} from '../../platform/html/index.ts'
import type { Service } from '../../services/index.ts'
import { smallButton } from '../pages/door-parts.ts'
import { previewWords } from './said.ts'
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

/** FEAT-16, FEAT-20: addresses are for those who make links; the others of the team see what was said of it. */
function previewSection(view: PeopleView): Html {
  const { feature, home, previews, madeLink, rights, problems, values } = view
  if (!rights.mayEdit)
    return section({ title: 'Preview links', id: 'previews' }, box(paragraph(previewWords(previews))))
  const note = feature.isOn
    ? 'A link is for one person, lets in every browser that opens it, and runs out after 14 days.'
    : 'The flag is off: links show the feature once it is switched on.'
  return section(
    { title: 'Preview links', id: 'previews', lede: note },
    html`${madeLink !== null && box(copyable({ id: 'preview-link', label: 'The preview link, shown once', value: madeLink, what: 'preview link' }))}
    ${previews.length === 0 ? emptyState({ title: 'No preview link yet', text: 'Show the feature to colleagues before anybody else has it.' }) : box(previewTable(view), { flush: true })}
    ${previews.length > 0 && box(verdictForm(view))}
    ${box(
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
    )}`,
  )
}

/** FEAT-16 */
function verdictForm({ home, previews, problems, values }: PeopleView): Html {
  const names = ['who', 'said', 'words']
  const open = problems.some(({ field }) => names.includes(field ?? ''))
  // The newest link of each comes first: each person is asked about once, however many links they were given.
  const newest = previews.filter(({ viewer }, at) => previews.findIndex((each) => each.viewer === viewer) === at)
  return details(
    { summary: 'Record what a viewer said', open },
    form(
      { action: `${home}/verdicts` },
      html`${select({
        name: 'who',
        label: 'Who',
        items: newest.map(({ id, viewer }) => ({ value: id, text: viewer })),
        problems,
        values,
      })}
      ${radios({
        name: 'said',
        legend: 'Did they say yes to it?',
        classes: 'govuk-radios--inline',
        items: [
          { value: 'yes', text: 'Yes' },
          { value: 'no', text: 'No', hint: 'Not as it is now' },
        ],
        problems,
        values,
      })}
      ${textarea({ name: 'words', label: 'In their words (optional)', rows: 2, problems, values })}
      ${button({ text: 'Record it', kind: 'secondary' })}`,
    ),
  )
}

function saidOf({ verdict }: FeaturePreview): Content {
  if (verdict === null) return 'Nothing recorded'
  const { kind, comment } = verdict
  return html`${kind === 'yes' ? 'Said yes' : 'Said no'}${comment !== '' && html`<span class="pg-sub">${comment}</span>`}`
}

function previewTable({ service, home, now, previews }: PeopleView): Html {
  const stateOf = ({ revokedAt, expiresAt }: FeaturePreview): Html | string => {
    if (revokedAt !== null) return chip('Ended', { tone: 'quiet' })
    return expiresAt <= now ? chip('Run out', { tone: 'quiet' }) : `Until ${longDateWords(expiresAt, service.timeZone)}`
  }
  return dataTable({
    caption: 'Preview links, newest first',
    hideCaption: true,
    head: [
      { text: 'For', wide: true },
      { text: 'Opened' },
      { text: 'What they said' },
      { text: 'Link' },
      { text: 'End', hidden: true },
    ],
    rows: previews.map((preview) => {
      const { id, viewer, outsiderReason, uses, firstUsedAt, revokedAt, createdBy } = preview
      return [
        html`${viewer} ${outsiderReason !== null && chip('Outside')}<span class="pg-sub">Made by ${createdBy}${outsiderReason !== null && `. ${outsiderReason}`}</span>`,
        firstUsedAt === null
          ? 'Not opened'
          : `${longDateWords(firstUsedAt, service.timeZone)}, ${uses === 1 ? '1 browser' : `${uses} browsers`}`,
        saidOf(preview),
        stateOf(preview),
        revokedAt === null &&
          preview.expiresAt > now &&
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
                longDateWords(at, service.timeZone),
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
