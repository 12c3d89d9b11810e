import { yearlessDateWords, longDateWords, shortDateWords, type Problem } from '../../platform/index.ts'
import {
  actions,
  box,
  button,
  checkboxes,
  chip,
  dataTable,
  details,
  emptyState,
  factStrip,
  form,
  hidden,
  historyList,
  html,
  input,
  link,
  liveRegion,
  meta,
  paragraph,
  section,
  select,
  split,
  type Content,
  type Html,
} from '../../platform/html/index.ts'
import type { Service } from '../../services/index.ts'
import { rolesToConfirm, roleWords } from '../rules.ts'
import {
  kindWords,
  type Cohort,
  type Confirmation,
  type Feature,
  type StageDecision,
  type StageMove,
} from '../feature.ts'
import { stageIds, stageOf, stages } from '../stages.ts'
import type { Standing } from '../standing.ts'
import { ladderSection } from './ladder-section.ts'
import { movedPast } from './moved-past.ts'
import { rulesSection } from './rule-page.ts'
import { audienceWords, stateChip } from './features-page.ts'

export interface FeatureView {
  service: Service
  feature: Feature
  standing: Standing | null
  cohorts: Cohort[]
  moves: StageMove[]
  decisions: StageDecision[]
  removal: Removal
  rights: { maySwitch: boolean; mayEdit: boolean; mayReadRoom: boolean }
  /** Somebody else changed it meanwhile: what was sent, in words, beside what is stored. */
  conflict: Conflict | null
  problems: Problem[]
  values: Record<string, string>
}

export interface Removal {
  confirmations: Confirmation[]
  /** Roles for which the one who looks can agree now. */
  mine: Confirmation['role'][]
  /** Why it may not be removed yet; null when it may. */
  keptBecause: string | null
}

export interface Conflict {
  by: string
  rows: { says: string; stored: Content; yours: Content }[]
}

export function featureContent(view: FeatureView): Html {
  const { feature } = view
  return html`${view.conflict !== null && conflictSection(view.conflict)}
  ${liveRegion('feature', factsOf(view))}
  ${split(
    '5-7',
    html`${switchSection(view)} ${definitionSection(view)}`,
    ladderSection(feature, view.standing, {
      explainHref: explainHref(view),
      peopleHref: `${home(view)}/people`,
      codesHref: `/services/${view.service.key}/admission/codes`,
    }),
  )}
  ${feature.course !== null && stageSection(view, feature.course)} ${audienceSection(view)}
  ${rulesSection(feature, home(view), view.rights.maySwitch)} ${removalSection(view)}`
}

const home = ({ service, feature }: Pick<FeatureView, 'service' | 'feature'>): string =>
  `/services/${service.key}/features/${feature.key}`

const explainHref = ({ service, feature }: FeatureView): string => `/services/${service.key}/explain?key=${feature.key}`

/** FEAT-6: nothing was stored; both versions stand beside each other, and the form below holds the stored one. */
export function conflictSection({ rows }: Conflict): Html {
  return section(
    {
      title: 'Both versions',
      id: 'conflict',
      lede: 'What you sent was not stored.',
    },
    box(
      dataTable({
        caption: 'What is stored now, and what you sent',
        hideCaption: true,
        head: [{ text: 'What' }, { text: 'Stored now' }, { text: 'Yours' }],
        rows: rows.map(({ says, stored, yours }) => [says, stored, yours]),
      }),
    ),
  )
}

function factsOf(view: FeatureView): Html {
  const { feature, service, rights } = view
  const at = home(view)
  const { course, kind } = feature
  const day = (at: Date): string => longDateWords(at, service.timeZone)
  return factStrip([
    { name: 'Flag', value: stateChip(feature) },
    { name: 'Key', value: html`<code>${feature.key}</code>` },
    { name: 'Kind', value: kindWords[kind].name, note: `Switched by ${kindWords[kind].switchedBy}` },
    course !== null && { name: 'Stage', value: stageOf(course.stage).name, note: `Since ${day(course.since)}` },
    { name: 'Who gets it', value: audienceWords(feature) },
    course !== null && {
      name: 'Beta',
      value: html`${link('Who gets it', `${at}/beta`)}${rights.mayReadRoom && html` · ${link('room', `${at}/room`)} · ${link('what we learn', `${at}/learning`)}`}`,
    },
    {
      name: 'In steps',
      value: html`<a class="govuk-link" href="/services/${service.key}/features/${feature.key}/plan">Rollout plan</a>`,
    },
    { name: 'Last change', value: day(feature.changedAt), note: feature.changedBy },
  ])
}

function switchSection(view: FeatureView): Html {
  const { feature, rights, problems, values } = view
  const to = feature.isOn ? 'off' : 'on'
  const says = feature.isOn
    ? 'Off sends everybody to the old behaviour at once. It stops hidden logic too: jobs, mails and API calls behind the flag, not only what is seen.'
    : 'On means the new behaviour, for those whom stage, share, rules and cohorts let in.'
  return section(
    { title: rights.maySwitch ? `Switch it ${to}` : 'Who switches it', id: 'switch' },
    box(
      rights.maySwitch
        ? form(
            { action: `${home(view)}/switch` },
            html`${paragraph(says)} ${hidden('on', feature.isOn ? 'no' : 'yes')} ${hidden('version', feature.version)}
            ${input({ name: 'switchReason', label: 'Reason', hint: 'Everybody of the team reads it', problems, values })}
            ${button({ text: `Switch it ${to}`, ...(feature.isOn ? { kind: 'warning' } : {}) })}`,
          )
        : html`${paragraph(says)} ${paragraph(`It is switched by ${kindWords[feature.kind].switchedBy}.`)}`,
    ),
  )
}

function stageSection(view: FeatureView, course: NonNullable<Feature['course']>): Html {
  const { service, moves, decisions, rights, problems, values, feature } = view
  const { timeZone } = service
  const when = (at: Date): string => shortDateWords(at, timeZone)
  const moved = moves.map(({ from, to, at, by, reason, waiver }) => ({
    at,
    when: when(at),
    who: by,
    what:
      from === null ? `began in ${stageOf(to).name.toLowerCase()}` : `moved it to ${stageOf(to).name.toLowerCase()}`,
    why: reason,
    more: movedPast(by, waiver),
  }))
  const decided = decisions.map(({ stage, takes, reason, at, by }) => ({
    at,
    when: when(at),
    who: by,
    what: takes
      ? `decided that it goes through ${stageOf(stage).name.toLowerCase()}`
      : `decided that it goes without ${stageOf(stage).name.toLowerCase()}`,
    why: reason,
  }))
  return section(
    { title: 'Stage', id: 'stage', lede: 'A language that teams share, and points to pause at: forward or back.' },
    box(html`${dataTable({
      caption: 'Stages',
      hideCaption: true,
      head: [{ text: 'Stage' }, { text: 'Opens to', wide: true }, { text: 'Here' }],
      rows: stages.map((stage) => [
        stage.name,
        stage.opensTo,
        stage.id === course.stage
          ? chip('Now', { tone: 'data' })
          : course.stages.includes(stage.id)
            ? ''
            : chip('Left out', { tone: 'quiet' }),
      ]),
    })}
    ${historyList([...moved, ...decided].toSorted((a, b) => b.at.getTime() - a.at.getTime()))}
    ${actions(
      course.stage !== 'removal' && link('What its next gate asks', `${home(view)}/gate`),
      link('What is decided, told and tried between its gates', `${home(view)}/stages`),
    )}
    ${rights.maySwitch && backForm(view, course)}
    ${
      rights.maySwitch &&
      details(
        { summary: 'Which stages it goes through', open: problems.some(({ field }) => field.startsWith('stages')) },
        form(
          { action: `${home(view)}/stages` },
          html`${hidden('version', feature.version)}
        ${checkboxes({
          name: 'stages',
          legend: 'Stages that it goes through',
          hint: 'Internal and public release are asked of every feature',
          classes: 'govuk-checkboxes--small',
          items: stages.filter(({ isCompulsory }) => !isCompulsory).map(({ id, name }) => ({ value: id, text: name })),
          chosen: values['stages'] === undefined ? course.stages : values['stages'].split('\n'),
          problems,
        })}
        ${input({ name: 'stagesReason', label: 'Why', hint: 'The decision stands here with your name', problems, values })}
        ${button({ text: 'Decide', kind: 'secondary' })}`,
        ),
      )
    }`),
  )
}

/** FEAT-11: back by a reason; on, by the decision at the gate. */
function backForm(view: FeatureView, course: NonNullable<Feature['course']>): Html | null {
  const { feature, problems, values } = view
  const before = stageIds.slice(0, stageIds.indexOf(course.stage)).filter((id) => course.stages.includes(id))
  if (before.length === 0) return null
  return form(
    { action: `${home(view)}/stage` },
    html`${hidden('version', feature.version)}
    ${select({
      name: 'to',
      label: 'Move it back to',
      items: before.map((id) => ({
        value: id,
        text: `${stageOf(id).name}: opens to ${stageOf(id).opensTo.toLowerCase()}`,
      })),
      value: values['to'] ?? before.at(-1),
      problems,
    })}
    ${input({ name: 'moveReason', label: 'Reason', problems, values })} ${button({ text: 'Move it back', kind: 'secondary' })}`,
  )
}

function audienceSection(view: FeatureView): Html {
  const { feature, cohorts, rights, problems, values } = view
  const chosen = feature.cohorts.map(({ id }) => id)
  return section(
    { title: 'Who gets it', id: 'audience' },
    box(html`${paragraph(audienceWords(feature))}
    ${
      rights.maySwitch &&
      form(
        { action: `${home(view)}/share` },
        html`${hidden('version', feature.version)}
        ${input({
          name: 'percent',
          label: 'Share of people',
          suffix: '%',
          inputmode: 'decimal',
          classes: 'govuk-input--width-5',
          hint:
            feature.course === null
              ? 'A larger share only adds people'
              : 'Counts from public release on. A larger share only adds people',
          problems,
          values: { percent: String(feature.share / 1000), ...values },
        })}
        ${input({ name: 'shareReason', label: 'Reason', problems, values })}
        ${button({ text: 'Set the share', kind: 'secondary' })}
        ${meta(html`A new draw of everybody who does not have it: ${link('draw afresh', `${home(view)}/plan/salt`)}.`)}`,
      )
    }
    ${
      cohorts.length === 0
        ? emptyState({
            title: 'No cohort yet',
            text: `Cohorts are made where people are invited; then a feature can open to them.${feature.course === null ? '' : ' Accounts are chosen with the beta.'}`,
            action: html`${link('Invite people', `/services/${view.service.key}/admission`)}${feature.course !== null && link('Who gets the beta', `${home(view)}/beta`)}`,
          })
        : rights.maySwitch &&
          form(
            { action: `${home(view)}/cohorts` },
            html`${hidden('version', feature.version)}
            ${checkboxes({
              name: 'cohorts',
              legend: 'Cohorts that get it',
              hint: feature.course === null ? null : 'They count from beta release on',
              classes: 'govuk-checkboxes--small',
              items: cohorts.map(({ name }) => ({ value: name, text: name })),
              chosen: cohorts.filter(({ id }) => chosen.includes(id)).map(({ name }) => name),
              problems,
            })}
            ${input({ name: 'cohortsReason', label: 'Reason', problems, values })}
            ${button({ text: 'Save the cohorts', kind: 'secondary' })}`,
          )
    }`),
  )
}

function definitionSection(view: FeatureView): Html {
  const { feature, rights } = view
  return section(
    { title: 'What it is', id: 'definition', aside: rights.mayEdit && link('Change', `${home(view)}/edit`) },
    box(html`${paragraph(feature.description)}
    ${dataTable({
      caption: 'Variants',
      hideCaption: true,
      head: [{ text: 'Variant' }, { text: 'Value', wide: true }, { text: 'Who gets it' }],
      rows: Object.entries(feature.variants).map(([name, value]) => [
        name,
        html`<code>${JSON.stringify(value)}</code>`,
        name === feature.on ? 'Those who get the feature' : name === feature.off ? 'All others' : 'By a rule',
      ]),
    })}
    ${paragraph(
      `${feature.appliesTo === 'new' ? 'For people in the new service' : 'For everybody, in the new service or not'}. ${feature.forClients ? 'Browsers and apps may ask for it.' : 'Only servers may ask for it.'}`,
    )}
    ${
      feature.requires.length > 0 &&
      paragraph(
        `Requires ${feature.requires.map(({ key, variant }) => (variant === undefined ? key : `${key} (${variant})`)).join(', ')}.`,
      )
    }`),
  )
}

/** FEAT-8: who has agreed that the flag goes, who has yet to, and the way out once nothing needs it. */
function removalSection(view: FeatureView): Html | false {
  const { feature, service, removal, rights, problems, values } = view
  const { confirmations, mine, keptBecause } = removal
  const isAsked = feature.removalAskedAt !== null
  if (!isAsked && !rights.mayEdit) return false
  const when = (at: Date): string => yearlessDateWords(at, service.timeZone)
  return section(
    { title: 'Removing the flag', id: 'removal' },
    box(html`${
      isAsked &&
      html`${paragraph('Everybody has had the feature for a week: the flag asks to be removed, from the code and from here.')}
      ${dataTable({
        caption: 'Who has to agree',
        hideCaption: true,
        head: [{ text: 'Who' }, { text: 'Agreed', wide: true }],
        rows: rolesToConfirm.map((role) => {
          const given = confirmations.find((each) => each.role === role)
          if (given !== undefined) return [roleWords[role], `${given.by}, ${when(given.at)}`]
          const agree =
            mine.includes(role) &&
            form(
              { action: `${home(view)}/removal` },
              html`${hidden('role', role)} ${button({ text: `Agree as ${roleWords[role]}`, kind: 'secondary' })}`,
            )
          return [roleWords[role], html`Not yet ${agree}`]
        }),
      })}`
    }
    ${keptBecause !== null && paragraph(`${keptBecause}, so it cannot be removed yet.`)}
    ${
      keptBecause === null &&
      rights.mayEdit &&
      form(
        { action: `${home(view)}/remove` },
        html`${paragraph('Take it out of the code first: whoever still asks for it then gets the default that the code names.')}
        ${input({ name: 'reason', label: 'Reason', problems, values })} ${button({ text: 'Remove the flag', kind: 'warning' })}`,
      )
    }`),
  )
}
