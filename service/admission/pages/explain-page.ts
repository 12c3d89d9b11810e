import type { Feature } from '../../features/index.ts'
import type { Problem } from '../../platform/index.ts'
import {
  box,
  bullets,
  button,
  chip,
  dataTable,
  form,
  html,
  input,
  link,
  paragraph,
  section,
  select,
  textarea,
  whyList,
  type Html,
} from '../../platform/html/index.ts'
import type { Service } from '../../services/index.ts'
import { rungQuestions } from '../explain-words.ts'
import type { Explained, NamedRung, RungSample } from '../explaining.ts'
import { rungWords } from '../rules.ts'

export interface ExplainView {
  service: Service
  features: Feature[]
  values: Record<string, string>
  problems: Problem[]
  explained: Explained | null
  /** Empty for whoever may not see people. */
  samples: RungSample[]
}

export function explainContent(view: ExplainView): Html {
  return html`${view.explained !== null && answerSection(view.explained)} ${askSection(view)} ${sampleSection(view)}`
}

function askSection({ service, features, values, problems }: ExplainView): Html {
  return section(
    {
      title: 'Ask',
      id: 'ask',
      aside: link('Know only the address? Look the person up', `/services/${service.key}/admission/ledger`),
    },
    box(
      form(
        { action: `/services/${service.key}/explain` },
        html`${select({
          name: 'key',
          label: 'About',
          items: [
            { value: service.key, text: `The service itself (${service.key})` },
            ...features.map(({ key, name }) => ({ value: key, text: `${name} (${key})` })),
          ],
          problems,
          values,
        })}
        ${input({
          name: 'targetingKey',
          label: 'Targeting key',
          hint: 'The unit of a person, or any key of an application. Leave it empty to ask as somebody unknown',
          spellcheck: false,
          problems,
          values,
        })}
        ${textarea({
          name: 'attributes',
          label: 'Attributes (optional)',
          hint: 'One a line, as the application sends them, such as: country = DE',
          rows: 4,
          spellcheck: false,
          problems,
          values,
        })}
        ${button({ text: 'Ask' })}`,
      ),
    ),
  )
}

function answerSection(explained: Explained): Html {
  const { decision, isIn, ladder, name, wouldChange } = explained
  if (decision.kind === 'failed')
    return section(
      { title: 'Answer', id: 'answer' },
      box(html`${paragraph(decision.detail)} ${paragraph(html`Code: <code>${decision.errorCode}</code>`)}`),
    )
  const { rung, variant, reason } = decision
  const says = rung === 'choice' ? rungNames.choice : rungWords[rung].says
  const decides = ladder.findIndex((each) => each.rung === rung && each.finding === 'holds')
  return section(
    { title: `${isIn ? 'In' : 'Out'}: ${says.toLowerCase()}`, id: 'answer' },
    box(html`${paragraph(html`${name}: ${isIn ? chip('In', { tone: 'data' }) : chip('Out', { tone: 'quiet' })} variant <code>${variant}</code>, rung <code>${rung}</code>, reason <code>${reason}</code>`)}
    ${whyList(
      ladder.map((each, at) => ({
        question: each.rule === undefined ? rungQuestions[each.rung] : `Does the rule “${each.rule}” hold?`,
        answer: findingWords[each.finding],
        decided: at === decides,
      })),
    )}
    <h3 class="govuk-heading-s">What alone would change it</h3>
    ${wouldChange.length === 0 ? paragraph('Nothing that one change could do.') : bullets(...wouldChange)}`),
  )
}

const findingWords = {
  holds: 'Yes',
  shut: 'Yes, but the ceiling does not let it count',
  'does-not-hold': 'No',
} as const

function sampleSection({ service, samples }: ExplainView): Html | false {
  if (samples.length === 0) return false
  return section(
    {
      title: 'Who stands on each rung',
      id: 'samples',
      lede: 'Units, some of them drawn at random: ids that say nothing of the person.',
    },
    box(
      dataTable({
        caption: 'Rungs with people by name',
        hideCaption: true,
        head: [{ text: 'Rung' }, { text: 'Units', numeric: true }, { text: 'A sample', wide: true }],
        rows: samples.map(({ key, rung, count, units }) => [
          rung === 'share' && key !== service.key ? 'Kept in after the share shrank' : rungNames[rung],
          count.toLocaleString('en-GB'),
          units.length === 0 ? 'Nobody' : units.slice(0, 5).map((unit) => html`<code>${unit}</code><br />`),
        ]),
      }),
    ),
  )
}

const rungNames: Record<NamedRung, string> = {
  removed: 'Removed by name',
  choice: 'Chose to stay out',
  preview: 'By a preview link',
  staff: 'The team',
  invited: 'Invited, and cohorts',
  join: 'By own choice',
  rules: 'By a rule',
  share: 'By the share',
}
