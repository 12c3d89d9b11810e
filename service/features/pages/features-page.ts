import { shortDateWords, type Problem } from '../../platform/index.ts'
import {
  actions,
  box,
  button,
  chip,
  dataTable,
  emptyState,
  form,
  historyList,
  html,
  input,
  link,
  liveRegion,
  section,
  textarea,
  todoList,
  type Html,
} from '../../platform/html/index.ts'
import type { Service } from '../../services/index.ts'
import { kindWords, wholeShare, type ChangeNotice, type Feature } from '../feature.ts'
import { stageOf } from '../stages.ts'

export interface FeaturesView {
  service: Service
  features: Feature[]
  /** Flags that ask to be removed, with who has yet to agree. */
  stale: { feature: Feature; missing: string[] }[]
  notices: ChangeNotice[]
  mayEdit: boolean
  problems: Problem[]
  values: Record<string, string>
}

export function featuresContent(view: FeaturesView): Html {
  const { features } = view
  return html`${liveRegion('features', features.length === 0 ? nothingYet(view) : html`${add(view)} ${list(view)}`)}
  ${staleSection(view)} ${notices(view)}`
}

function add({ service, mayEdit }: FeaturesView): Html | false {
  return mayEdit && actions(button({ text: 'Add a feature', href: `/services/${service.key}/features/new` }))
}

function nothingYet(view: FeaturesView): Html {
  return emptyState({
    title: 'No feature has a flag yet',
    text: view.mayEdit
      ? 'Add one for what you want to show to some people first. It stays off until somebody switches it on.'
      : 'A developer, the product manager, Growth or Support can add the first one.',
    action: add(view),
    level: 2,
  })
}

function list({ service, features }: FeaturesView): Html {
  return section(
    { title: 'All features', hideTitle: true },
    box(
      dataTable({
        caption: 'Features, the oldest first',
        hideCaption: true,
        head: [
          { text: 'Feature', wide: true },
          { text: 'Kind' },
          { text: 'Stage' },
          { text: 'Flag' },
          { text: 'Who gets it' },
        ],
        rows: features.map((feature) => [
          html`${link(feature.name, `/services/${service.key}/features/${feature.key}`)}<span class="pg-sub"><code>${feature.key}</code></span>`,
          kindWords[feature.kind].name,
          feature.course === null ? 'Has none' : stageOf(feature.course.stage).name,
          stateChip(feature),
          audienceWords(feature),
        ]),
      }),
    ),
  )
}

/** FEAT-7: what everybody has had for a week, and who stands between it and its end. */
function staleSection({ service, stale }: FeaturesView): Html | false {
  if (stale.length === 0) return false
  return section(
    {
      title: 'Flags to remove',
      id: 'stale',
      lede: 'Everybody has had these for a week. A flag that stays makes the code harder to read and to test.',
    },
    todoList(
      stale.map(({ feature: { key, name }, missing }) => ({
        title: name,
        href: `/services/${service.key}/features/${key}#removal`,
        text:
          missing.length === 0
            ? 'All have agreed: it can be removed, from the code and from here.'
            : `Has to agree: ${missing.join(', ')}.`,
      })),
    ),
  )
}

export function stateChip({ isOn }: Feature): Html {
  return isOn ? chip('On', { tone: 'met' }) : chip('Off', { tone: 'quiet' })
}

/** Who gets it, in one line. */
export function audienceWords({ isOn, course, share, rules, cohorts }: Feature): string {
  if (!isOn) return 'Nobody'
  const ceiling = course === null ? null : stageOf(course.stage).ceiling
  // Under a lower ceiling share and rules are set already and let nobody in yet; under the highest they change nothing.
  const isOpen = ceiling === null || ceiling === 'open'
  const parts = [
    isOpen && share > 0 && (share === wholeShare ? 'everybody' : `${share / 1000}%`),
    isOpen && rules.length > 0 && (rules.length === 1 ? '1 rule' : `${rules.length} rules`),
    (isOpen || ceiling === 'invited') &&
      cohorts.length > 0 &&
      (cohorts.length === 1 ? '1 cohort' : `${cohorts.length} cohorts`),
  ].filter((part) => part !== false)
  if (course === null) return parts.length === 0 ? 'Nobody' : parts.join(', ')
  const opensTo = stageOf(course.stage).opensTo.toLowerCase()
  return parts.length === 0 ? `Opens to ${opensTo}` : `Opens to ${opensTo}: ${parts.join(', ')}`
}

function notices({ service, notices: told, mayEdit, problems, values }: FeaturesView): Html {
  const { timeZone } = service
  return section(
    {
      title: 'Changes without a flag',
      id: 'notices',
      lede: 'A mended bug usually needs no flag. The teams are told of it all the same.',
    },
    box(html`${
      told.length > 0 &&
      historyList(
        told.map(({ at, by, title, body }) => ({
          at,
          when: shortDateWords(at, timeZone),
          who: by,
          what: title,
          why: body,
        })),
      )
    }
    ${told.length === 0 && html`<p class="govuk-body">Nothing was told yet.</p>`}
    ${
      mayEdit &&
      form(
        { action: `/services/${service.key}/change-notices` },
        html`${input({ name: 'title', label: 'What changes', hint: 'Such as “The date field takes pasted dates”', problems, values })}
        ${textarea({ name: 'body', label: 'What it means for those who work with the service', rows: 3, problems, values })}
        ${button({ text: 'Tell the teams', kind: 'secondary' })}`,
      )
    }`),
  )
}
