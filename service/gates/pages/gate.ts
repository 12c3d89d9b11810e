import { dateWords, longDayWords, roleNames } from '../../platform/index.ts'
import {
  actions,
  box,
  bullets,
  button,
  details,
  facts,
  form,
  html,
  input,
  link,
  liveRegion,
  paragraph,
  section,
  signOffs,
  split,
  stepList,
  tally,
  textarea,
  type Content,
  type Html,
} from '../../platform/html/index.ts'
import { missingInWords } from '../freeze.ts'
import type { GateView, Missing, SignOffView } from '../gates.ts'
import { isAgainstData, list, nextThings } from '../rules.ts'
import { allCriteria } from './gate-criteria.ts'
import { conditionList } from './gate-conditions.ts'
import { decide, decisionList } from './gate-decide.ts'
import { disagreements } from './gate-differences.ts'
import type { GatePage } from './gate-page.ts'
import { standWords, who } from './words.ts'

export function gateLede({ criteria: all, counts, missing, metAgainstData, gate }: GateView): string {
  const met = `${counts.met} of ${all.length} criteria are met${metAgainstData > 0 ? `, ${metAgainstData} against the data` : ''}.`
  const phase = missing.find(({ kind }) => kind === 'phase')
  if (phase?.kind === 'phase')
    return `${met} The ${phase.subject} is in ${phase.phase.toLowerCase()}; this gate ends ${gate.from.replaceAll('-', ' ')}.`
  if (missing.length === 0)
    return `${met} Nothing is missing: the gate can open${counts.waived > 0 ? ', with actions' : ''}.`
  const waived =
    counts.waived === 0 ? '' : ` ${counts.waived === 1 ? 'One criterion is' : `${counts.waived} criteria are`} waived.`
  return `${met} The gate can’t open yet: ${standWords(missing)} ${missing.length === 1 ? 'stands' : 'stand'} before it.${waived}`
}

export function gateAside({ view }: GatePage): Html {
  const { gate, playbook, plannedFor } = view
  return facts([
    { name: gate.assessment ?? 'Gate date', value: plannedFor === null ? 'No date set' : longDayWords(plannedFor) },
    { name: 'Playbook', value: `${playbook.name} ${playbook.version}` },
  ])
}

export function gateContent(page: GatePage): Html {
  const { view } = page
  const differing = view.criteria.filter(isAgainstData)
  return html`${liveRegion('gate-tally', tallyOf(view))}
    ${liveRegion('gate-disagree', differing.length > 0 && disagreements(page, differing))}
    ${split('3', nextThree(page), signOffList(page), standsBefore(page))} ${allCriteria(page)} ${decide(page)}
    ${page.decisions.length > 0 && decisionList(page)} ${about(page)}`
}

function tallyOf({ counts, metAgainstData: against }: GateView): Html {
  return tally([
    { mark: 'met', count: counts.met, words: against > 0 ? `met, ${against} against the data` : 'met' },
    { mark: 'evidenced', count: counts.evidenced, words: 'waiting for a verdict' },
    {
      mark: 'confirm',
      count: counts['needs-confirming'],
      words: counts['needs-confirming'] === 1 ? 'needs confirming' : 'need confirming',
    },
    { mark: 'not-met', count: counts['not-met'], words: 'not met' },
    { mark: 'waived', count: counts.waived, words: 'waived' },
    { mark: 'not-started', count: counts['not-started'], words: 'not started' },
  ])
}

// Three columns: what next, who signs, what stands before it

function nextThree(page: GatePage): Html {
  const things = nextThings(page.view)
  const content =
    things.length === 0
      ? paragraph('Every criterion has its verdict.')
      : stepList(
          things.map(({ criterion, what, who: roles }) => ({
            title: criterion.title,
            href: `${page.home}/gates/${page.view.gate.id}/criteria/${criterion.id}`,
            text: `${what}. ${who(roles)}, criterion ${criterion.number}`,
          })),
        )
  return section({ title: 'The next three things', id: 'next', tight: true }, content)
}

function signOffList(page: GatePage): Html {
  const { view, roles } = page
  const items = view.signOffs.map((each) => {
    const { asked, given, invalidBecause } = each
    const counts = given !== null && invalidBecause === null
    const mine = roles.includes(asked.role) && !counts && page.may.sign && page.view.gate.from !== ''
    return {
      name: given?.by ?? nameOf(page, each),
      isSigned: counts,
      note: html`${roleNames[asked.role]}${asked.independent === true && ', independent'}. “${asked.says}”${
        counts ? `. ${dateWords(given.at, page.timeZone)}` : invalidBecause !== null && `. ${invalidBecause}`
      }`,
      action: mine ? signForm(page, each) : undefined,
    }
  })
  const content = items.length === 0 ? paragraph('This gate asks for none.') : signOffs(items)
  return section({ title: 'Sign-offs', id: 'sign-offs', tight: true }, content)
}

function nameOf({ members }: GatePage, { asked }: SignOffView): string {
  const names = members.filter(({ role }) => role === asked.role).map(({ name }) => name)
  return names.length === 0 ? 'Nobody has this role yet' : list(names)
}

function signForm({ home, view, problems, values }: GatePage, { asked }: SignOffView): Html {
  const name = `note-${asked.role}`
  return details(
    { summary: `Sign as ${roleNames[asked.role].toLowerCase()}`, open: problems.some(({ field }) => field === name) },
    form(
      { action: `${home}/gates/${view.gate.id}/sign-offs` },
      html`<input type="hidden" name="role" value="${asked.role}" />
        ${textarea({ name, label: 'Note (optional)', rows: 2, problems, values })} ${button({ text: 'Sign' })}`,
    ),
  )
}

const mostToList = 6

/** What keeps it shut, by name; a long list of criteria is behind a link. */
function standsBefore(page: GatePage): Html {
  const { view, home } = page
  const of = (kind: Missing['kind']) => view.missing.filter((item) => item.kind === kind)
  const criteria = of('criterion')
  const named = [
    ...of('phase'),
    ...of('condition'),
    ...of('signal'),
    ...(criteria.length > mostToList ? [] : criteria),
    ...of('sign-off'),
  ]
  const items = named.map((item) => {
    const words = missingInWords(item)
    const isCriterion = item.kind === 'criterion' || item.kind === 'signal'
    return isCriterion ? link(words, `${home}/gates/${view.gate.id}/criteria/${item.criterion}`) : words
  })
  const many = criteria.length > mostToList && link(`${criteria.length} criteria are not settled`, '?show=missing#all')
  const content = view.missing.length === 0 ? paragraph('Nothing. Only the decision is left.') : bullets(many, ...items)
  return section({ title: 'What stands before it', id: 'before', tight: true }, html`${content}${conditionList(page)}`)
}

function about(page: GatePage): Html {
  const { view, home, may, others, newerPlaybook, problems, values } = page
  const dateForm =
    may.decide &&
    details(
      { summary: 'Set the gate’s date', open: problems.some(({ field }) => field === 'day') },
      form(
        { action: `${home}/gates/${view.gate.id}/date` },
        html`${input({
          name: 'day',
          label: 'Date',
          hint: 'For example 2026-12-09. The age of evidence is judged on this day. Leave it empty for none.',
          type: 'date',
          classes: 'govuk-input--width-10',
          value: typeof values.day === 'string' ? values.day : (view.plannedFor ?? ''),
          problems,
        })}
        ${button({ text: 'Set the date', kind: 'secondary' })}`,
      ),
    )
  const links: Content[] = [
    ...others.map(({ name, href }) => link(name, href)),
    link(
      newerPlaybook === null ? 'The playbook' : `The playbook (version ${newerPlaybook} is out)`,
      `${home}/playbook`,
    ),
  ]
  return section({ title: 'About this gate', id: 'about' }, html`${box(html`${dateForm}${actions(...links)}`)}`)
}
