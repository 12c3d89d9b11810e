import { shortMomentWords, longDayWords, roleNames, type Problem } from '../../platform/index.ts'
import {
  actions,
  box,
  bullets,
  button,
  checkboxes,
  dataTable,
  details,
  emptyState,
  form,
  hidden,
  html,
  input,
  link,
  liveRegion,
  paragraph,
  radios,
  section,
  select,
  textarea,
  type Content,
  type Html,
} from '../../platform/html/index.ts'
import { previewWords } from '../../admission/index.ts'
import { homeOf } from '../../gates/index.ts'
import { isBetaDecided, isPastChoice, wasPlannedFirst } from '../rules.ts'
import {
  acknowledging,
  acknowledgingWords,
  betaReasons,
  betaReasonWords,
  type AcknowledgingRole,
  type Tester,
} from '../stages.ts'
import { demandWords, type StageView } from '../reads.ts'

export interface StagePage extends StageView {
  may: { edit: boolean; assign: boolean }
  /** As whom the one who looks can acknowledge. */
  mine: AcknowledgingRole[]
  accountId: string | null
  isSupport: boolean
  problems: Problem[]
  values: Record<string, string>
}

export function stageContent(page: StagePage): Html {
  return html`${betaSection(page)} ${planningSection(page)} ${readySection(page)} ${announcementsSection(page)}
  ${testersSection(page)} ${previewSection(page)}`
}

function when({ of }: StagePage): (at: Date) => string {
  const { timeZone } = of.service
  return (at) => shortMomentWords(at, timeZone)
}

/** A form that is open where something in it was wrong. */
function act(page: StagePage, path: string, summary: string, fields: { names: string[]; content: Content }): Html {
  const open = page.problems.some(({ field }) => fields.names.includes(field ?? ''))
  return details({ summary, open }, form({ action: `${homeOf(page.of)}/${path}` }, fields.content))
}

function hasBeta({ of }: StagePage): boolean {
  return of.feature.course.stages.includes('beta-release')
}

// Is a beta worth it?

function betaSection(page: StagePage): Html {
  const { of, work, demand, may } = page
  const { decision } = work
  const isDecided = isBetaDecided(of.feature, decision)
  const isPast = isPastChoice(of.feature)
  const went = hasBeta(page) ? 'It went into its beta' : 'It went on without a beta,'
  const says =
    decision === null || !isDecided
      ? paragraph(
          isPast
            ? `${went} without this decision.`
            : 'Nobody has decided yet whether a beta is worth it. It is decided case by case with Growth and Support.',
        )
      : html`${paragraph(
          `${decision.by} decided on ${when(page)(decision.at)} with ${decision.growth.name} (Growth) and ${decision.support.name} (Support): ${decision.takes ? 'it has a beta' : 'it goes without a beta'}. ${decision.reason}`,
        )}
        ${decision.reasons.length > 0 && bullets(...decision.reasons.map((each) => betaReasonWords[each]))}`
  return section(
    { title: 'Is a beta worth it?', id: 'beta', lede: `Counted requests: ${demandWords(demand)}.` },
    box(
      html`${liveRegion('beta-decision', says)} ${may.edit && !isPast && act(page, 'beta-decision', isDecided ? 'Decide again' : 'Decide', betaFields(page))}`,
    ),
  )
}

function betaFields(page: StagePage): { names: string[]; content: Content } {
  const { members, demand, problems, values } = page
  const people = (role: AcknowledgingRole) => [
    { value: '', text: 'Choose' },
    ...members.filter((each) => each.role === role).map(({ accountId, name }) => ({ value: accountId, text: name })),
  ]
  return {
    names: ['takes', 'reasons', 'reason', 'growth', 'support'],
    content: html`${radios({
      name: 'takes',
      legend: 'Does it go through a beta?',
      classes: 'govuk-radios--small',
      items: [
        { value: 'yes', text: 'Yes' },
        { value: 'no', text: 'No, it goes on without one' },
      ],
      problems,
      values,
    })}
    ${checkboxes({
      name: 'reasons',
      legend: 'What speaks for it',
      classes: 'govuk-checkboxes--small',
      items: betaReasons.map((value) => ({
        value,
        text: betaReasonWords[value],
        ...(value === 'much-demanded' ? { hint: demandWords(demand) } : {}),
      })),
      chosen: values['reasons']?.split('\n') ?? [],
      problems,
    })}
    ${textarea({ name: 'reason', label: 'Why, in a sentence', rows: 2, problems, values })}
    ${acknowledging.map((role) =>
      select({
        name: role,
        label: `Decided with, of ${acknowledgingWords[role]}`,
        items: people(role),
        problems,
        values,
      }),
    )}
    ${button({ text: 'Record the decision' })}`,
  }
}

// Planning, ready for beta

function planningSection(page: StagePage): Html {
  const { work, may, problems, values } = page
  const { planning, request } = work
  const told = when(page)
  const rows = planning.map(
    ({ talkedOn, note, at, by }) =>
      html`${longDayWords(talkedOn)}: ${note}<span class="pg-sub">Recorded by ${by}, ${told(at)}</span>`,
  )
  const warning =
    !wasPlannedFirst(planning, request) &&
    paragraph(
      request === null
        ? isPastChoice(page.of.feature)
          ? 'Nothing is on record of it.'
          : 'Not talked about yet. Record it before you ask for the beta, so that nobody is surprised.'
        : 'Warning: nothing was on record before it was said to be ready for beta. Growth and Support may be surprised.',
    )
  const content = html`${input({ name: 'talkedOn', label: 'When was it talked about?', type: 'date', classes: 'govuk-input--width-10', problems, values })}
    ${textarea({ name: 'planningNote', label: 'With whom, and what came out', rows: 2, problems, values })}
    ${button({ text: 'Record it', kind: 'secondary' })}`
  return section(
    { title: 'Talked about in planning', id: 'planning' },
    box(html`${warning}${rows.length > 0 && bullets(...rows)}
    ${may.edit && act(page, 'planning-records', 'Record when it was talked about', { names: ['talkedOn', 'planningNote'], content })}`),
  )
}

function readySection(page: StagePage): Html {
  const { of, work, may, mine, problems, values } = page
  const { request } = work
  const told = when(page)
  const content = html`${textarea({ name: 'readyNote', label: 'What is ready, and for whom', rows: 2, problems, values })}
    ${button({ text: 'Say that it is ready' })}`
  const ask =
    may.edit &&
    hasBeta(page) &&
    of.feature.course.stage === 'internal-release' &&
    act(page, 'beta-request', 'Say that it is ready for beta', { names: ['readyNote'], content })
  if (request === null)
    return section({ title: 'Ready for beta', id: 'ready' }, box(html`${paragraph(unaskedWords(page))}${ask}`))
  const rows = acknowledging.map((role) => {
    const given = request.acknowledgements.find((each) => each.role === role)
    return given === undefined
      ? `${acknowledgingWords[role]} has not acknowledged yet`
      : `${acknowledgingWords[role]}: ${given.by}, ${told(given.at)}`
  })
  const open = mine.filter((role) => request.acknowledgements.every((each) => each.role !== role))
  const buttons = open.map((role) =>
    form(
      { action: `${homeOf(of)}/beta-acknowledgements` },
      html`${hidden('role', role)}${button({ text: `Acknowledge as ${acknowledgingWords[role]}` })}`,
    ),
  )
  return section(
    { title: 'Ready for beta', id: 'ready' },
    box(html`${paragraph(`${request.by} said so on ${told(request.at)}: ${request.note}`)}
    ${liveRegion('ready-for-beta', bullets(...rows))}${buttons}${ask}`),
  )
}

function unaskedWords(page: StagePage): string {
  if (!hasBeta(page)) return 'It goes without a beta: there is nothing to ask for.'
  return isPastChoice(page.of.feature)
    ? 'It went into its beta without anybody saying so here.'
    : 'Nobody has said so yet. Growth and Support are told then, and acknowledge; after that Growth opens it.'
}

// Announcements

function announcementsSection(page: StagePage): Html {
  const { work, may, problems, values } = page
  const told = when(page)
  const rows = work.announcements.map(
    ({ body, publicOn, at, by }) =>
      html`${body}<span class="pg-sub">Public expected on ${longDayWords(publicOn)}. Told by ${by}, ${told(at)}</span>`,
  )
  const content = html`${textarea({ name: 'announcement', label: 'What is there, and for whom', rows: 2, problems, values })}
    ${input({ name: 'publicOn', label: 'When is it expected to be public?', type: 'date', classes: 'govuk-input--width-10', problems, values })}
    ${button({ text: 'Tell the company' })}`
  return section(
    { title: 'Told to the company', id: 'announcements' },
    box(html`${rows.length === 0 ? paragraph('Nothing has been announced yet.') : bullets(...rows)}
    ${may.edit && act(page, 'announcements', 'Announce it', { names: ['announcement', 'publicOn'], content })}`),
  )
}

// Testers

function testersSection(page: StagePage): Html {
  const { work, may, members, problems, values } = page
  const people = [...new Map(members.map((each) => [each.accountId, each])).values()]
  const content = html`${select({
    name: 'tester',
    label: 'Who',
    items: people.map(({ accountId, name, role }) => ({
      value: accountId,
      text: `${name}, ${roleNames[role].toLowerCase()}`,
    })),
    problems,
    values,
  })}
  ${input({ name: 'task', label: 'What to try', problems, values })} ${button({ text: 'Ask them', kind: 'secondary' })}`
  return section(
    { title: 'Testers', id: 'testers', lede: 'Where daily work does not lead to it, Support assigns who tries it.' },
    box(html`${
      work.testers.length === 0
        ? emptyState({ title: 'Nobody was asked to try it', text: 'Support can ask somebody of the team.' })
        : dataTable({
            caption: 'Who was asked to try it',
            hideCaption: true,
            head: [{ text: 'Who' }, { text: 'What to try', wide: true }, { text: 'Result' }],
            rows: work.testers.map((tester) => [tester.name, tester.task, resultOf(page, tester)]),
          })
    }
    ${may.assign && act(page, 'testers', 'Ask somebody', { names: ['tester', 'task'], content })}`),
  )
}

function resultOf(page: StagePage, tester: Tester): Content {
  const { accountId, name, result } = tester
  const isTheirs = page.isSupport || (accountId !== null && accountId === page.accountId)
  if (result === null) return isTheirs ? resultForm(page, tester) : 'Open'
  const said = html`${result.kind === 'works' ? 'Works' : 'Fails'}<span class="pg-sub">${result.note}</span>`
  if (!isTheirs) return said
  const summary = html`Change it<span class="govuk-visually-hidden"> for ${name}</span>`
  return html`${said}${details({ summary }, resultForm(page, tester))}`
}

/** FEAT-15: what came out, and in which words; told again, the later word counts. */
function resultForm(page: StagePage, { id, name, result }: Tester): Html {
  const whose = html`<span class="govuk-visually-hidden"> for ${name}</span>`
  const one = (value: 'works' | 'fails', text: string) =>
    button({ text: html`${text}${whose}`, name: 'result', value, kind: 'secondary' })
  return form(
    { action: `${homeOf(page.of)}/testers/${id}/result` },
    html`${input({ name: 'note', id: `note-${id}`, label: html`What came out (optional)${whose}`, value: result?.note ?? '' })}
    ${actions(one('works', 'It works'), one('fails', 'It fails'))}`,
  )
}

// The preview

function previewSection({ of, previews }: StagePage): Html {
  return section(
    {
      title: 'Preview',
      id: 'preview',
      lede: 'Stakeholders try it by a preview link before it is merged, and say what they think.',
    },
    box(html`${paragraph(previewWords(previews))} ${link('Preview links, and what was said', `${homeOf(of)}/people`)}`),
  )
}
