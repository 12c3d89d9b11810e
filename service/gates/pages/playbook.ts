import type { Problem } from '../../platform/index.ts'
import {
  box,
  bullets,
  button,
  dataTable,
  form,
  html,
  link,
  meta,
  paragraph,
  radios,
  section,
  textarea,
  type Html,
  type Values,
} from '../../platform/html/index.ts'
import {
  criteriaAt,
  gateAfter,
  subjectWords,
  type Playbook,
  type PlaybookDifference,
  type PlaybookPhase,
  type SubjectKind,
} from '../playbook.ts'

export interface PlaybookPage {
  playbook: Playbook
  home: string
  subject: SubjectKind
  phase: string
  since: string
  mayDecide: boolean
  next: { playbook: Playbook; differences: PlaybookDifference[] } | null
  problems: Problem[]
  values: Values
}

export function playbookContent(page: PlaybookPage): Html {
  return html`${thisPhase(page)}${allPhases(page)}${page.next !== null && newer(page, page.next)}`
}

/** The current phase first, with what it is for and what its gate asks. */
function thisPhase(page: PlaybookPage): Html {
  const { playbook, phase, home, since } = page
  const here = playbook.phases.find(({ id }) => id === phase)
  const gate = gateAfter(playbook, phase)
  const asks =
    gate === null
      ? null
      : html`<p class="govuk-body">${link(`The gate at its end asks ${criteriaAt(playbook, gate.id).length} criteria`, `${home}/gates/${gate.id}`)}.</p>`
  return section(
    { title: `Now: ${here?.name ?? phase}`, id: 'now' },
    html`${meta(`Since ${since}`)}${here !== undefined && paragraph(here.guidance)}${asks}${gate === null && page.mayDecide && moveForm(page)}`,
  )
}

function moveForm({ playbook, phase, home, problems, values }: PlaybookPage): Html {
  const others = playbook.phases.filter(({ id }) => id !== phase)
  return box(
    form(
      { action: `${home}/phase` },
      html`${radios({
        name: 'to',
        legend: { text: 'Move to another phase', classes: 'govuk-fieldset__legend--s' },
        hint: 'No gate stands at the end of this phase. The move is recorded with your name.',
        classes: 'govuk-radios--small',
        problems,
        values,
        items: others.map(({ id, name, opensTo }) => ({
          value: id,
          text: name,
          hint: `Opens to: ${opensTo.toLowerCase()}`,
        })),
      })}
      ${textarea({ name: 'reason', label: 'Reason', rows: 3, problems, values })}
      ${textarea({ name: 'waiver', label: 'If a phase is left out, why', hint: 'Needed only when the move skips a phase', rows: 2, problems, values })}
      ${button({ text: 'Move', preventDoubleClick: true })}`,
    ),
  )
}

function allPhases({ playbook, subject, phase, home }: PlaybookPage): Html {
  const words = subjectWords[subject]
  const asks = ({ id }: PlaybookPhase): Html | string => {
    const gate = gateAfter(playbook, id)
    return gate === null
      ? 'No gate'
      : link(`${criteriaAt(playbook, gate.id).length} criteria`, `${home}/gates/${gate.id}`, {
          hidden: `of the gate ${gate.name}`,
        })
  }
  return section(
    {
      title: `The ${words.phase}s`,
      id: 'phases',
      lede: `${playbook.name} ${playbook.version} puts “${playbook.basedOn}” into practice.`,
    },
    dataTable({
      caption: `The ${words.phase}s of this playbook`,
      hideCaption: true,
      head: [
        { text: subject === 'feature' ? 'Stage' : 'Phase' },
        { text: 'What it is for', wide: true },
        { text: 'Opens to' },
        { text: 'Gate at its end' },
      ],
      rows: playbook.phases.map((each) => [
        html`${each.name}${each.id === phase && html`<span class="pg-sub">Now</span>`}`,
        each.guidance,
        each.opensTo,
        asks(each),
      ]),
    }),
  )
}

const partWords: Record<string, string> = {
  title: 'words',
  ask: 'question',
  why: 'reasons',
  decides: 'who decides',
  signals: 'signals',
  evidence: 'evidence',
  gates: 'gates',
  group: 'group',
  source: 'source',
  failureSigns: 'failure signs',
  confirmAfterDays: 'age of a verdict',
  appliesWhen: 'when it applies',
}

function newer({ home, mayDecide }: PlaybookPage, { playbook, differences }: NonNullable<PlaybookPage['next']>): Html {
  const of = (kind: PlaybookDifference['kind']) => differences.filter((each) => each.kind === kind)
  const lists = (['added', 'changed', 'removed'] as const).map((kind) => {
    const found = of(kind).map(
      ({ title, parts }) =>
        `${title}${parts.length === 0 ? '' : ` (${parts.map((part) => partWords[part] ?? part).join(', ')})`}`,
    )
    return found.length === 0
      ? null
      : html`<h3 class="govuk-heading-s">${found.length} ${kind}</h3>${bullets(...found)}`
  })
  const move =
    mayDecide &&
    form(
      { action: `${home}/playbook` },
      html`<input type="hidden" name="version" value="${playbook.version}" />${button({ text: `Move to version ${playbook.version}`, kind: 'secondary' })}`,
    )
  return section(
    {
      title: `Version ${playbook.version} is out`,
      id: 'newer',
      lede: `In force since ${playbook.inForceSince}. ${of('unchanged').length} criteria are unchanged: their verdicts stay.`,
    },
    html`${lists}${move}`,
  )
}
