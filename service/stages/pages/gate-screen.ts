import { asSentence, roleNames, type ServiceRole } from '../../platform/index.ts'
import { button, form, hidden, html, link, mark, type Content, type Html } from '../../platform/html/index.ts'
import { criterionMarks, homeOf, isAgainstData, missingInWords, stateWords, type GateView } from '../../gates/index.ts'
import { isBetaDecided } from '../rules.ts'
import { acknowledging, acknowledgingWords } from '../stages.ts'
import type { StageView } from '../reads.ts'

export interface GateScreen extends StageView {
  gate: GateView
  roles: ServiceRole[]
  mayDecide: boolean
  /** The soak, the watch: “1.2 of 3 days”. */
  clock: string | null
}

/** GATE-21: what was said, who signed, what is missing and one button, on one screen of a phone. */
export function gateScreen(screen: GateScreen): Html {
  return html`<div class="pg-screen">
    ${verdicts(screen)} ${signOffs(screen)} ${missing(screen)}
    <div class="pg-screen__act">${theButton(screen)}</div>
  </div>`
}

const gateHref = ({ of, gate }: GateScreen): string => `${homeOf(of)}/gates/${gate.gate.id}`

function list(title: string, rows: Content[]): Html | null {
  if (rows.length === 0) return null
  return html`<section><h2 class="pg-screen__head">${title}</h2><ul class="pg-screen__list">${rows.map((row) => html`<li>${row}</li>`)}</ul></section>`
}

function verdicts(screen: GateScreen): Html | null {
  const rows = screen.gate.criteria.map((view) => {
    const { criterion, state } = view
    const href = `${gateHref(screen)}/criteria/${criterion.id}`
    return html`${mark(criterionMarks[state], 's')} ${link(criterion.title, href)} <span class="govuk-visually-hidden">${stateWords[state]}</span>${isAgainstData(view) && html` <b class="pg-sub-i">against the data</b>`}`
  })
  return list('Verdicts', rows)
}

function signOffs({ gate }: GateScreen): Html | null {
  const rows = gate.signOffs.map(({ asked, given, invalidBecause }) => {
    const counts = given !== null && invalidBecause === null
    return html`${mark(counts ? 'met' : 'not-started', 's')} ${roleNames[asked.role]}${counts ? `: ${given.by}` : ': not signed'}`
  })
  return list('Sign-offs', rows)
}

const mostRows = 4

/** Conditions and signs; a criterion without its verdict and a role that has not signed show above, and are counted here. */
function missing(screen: GateScreen): Html {
  const { gate, clock } = screen
  const items = gate.missing.flatMap((item) =>
    item.kind === 'condition' || item.kind === 'phase' ? [missingInWords(item)] : [],
  )
  const left = [...items, ...signalsLeft(gate)]
  const shown = left.slice(0, mostRows)
  const more = left.length > shown.length ? [`and ${left.length - shown.length} more`] : []
  // A warning keeps nothing shut: beside sign-offs there is room for one only where little is missing.
  const hasRoom = gate.signOffs.length === 0 || shown.length < 2
  const warnings = gate.warnings
    .slice(0, hasRoom ? 1 : 0)
    .map(({ asked }) => html`${mark('confirm', 's')} ${asked.says}`)
  const rows: Content[] = [...shown, ...more, ...warnings]
  const count = (kind: 'criterion' | 'sign-off', one: string): string[] => {
    const open = gate.missing.filter((item) => item.kind === kind).length
    return open === 0 ? [] : [`${open} ${open === 1 ? one : `${one}s`}`]
  }
  const above = [...count('criterion', 'verdict'), ...count('sign-off', 'sign-off')]
  const aside = [...above, ...(clock === null ? [] : [clock])]
  const title = aside.length === 0 ? 'Missing' : html`Missing <span class="pg-sub-i">${aside.join(', ')}</span>`
  const content = rows.length === 0 && above.length === 0 ? ['Nothing'] : rows
  const inRows =
    content.length > 0 && html`<ul class="pg-screen__list">${content.map((row) => html`<li>${row}</li>`)}</ul>`
  return html`<section><h2 class="pg-screen__head">${title}</h2>${inRows}</section>`
}

/** One signal in its words; where there are more, how many: the gate itself says all of each. */
function signalsLeft({ missing: all }: GateView): Content[] {
  const [first, ...others] = all.filter((item) => item.kind === 'signal')
  if (first === undefined) return []
  const says = asSentence(first.says)
  const more = others.length === 1 ? 'and 1 more signal' : `and ${others.length} more signals`
  return [html`${mark('not-met', 's')} ${says}${others.length > 0 && `, ${more}`}`]
}

/** The one thing that whoever looks can do next for this gate. */
function theButton(screen: GateScreen): Html {
  const { gate, of, roles, work, mayDecide } = screen
  const workHref = `${homeOf(of)}/stages`
  const opens = gate.outcomes.some(({ kind, possible }) => possible && (kind === 'go' || kind === 'go-with-actions'))
  if (opens && mayDecide) return button({ text: 'Decide', href: `${gateHref(screen)}#decide` })

  const asked = work.request
  const toAcknowledge = acknowledging.find(
    (role) => roles.includes(role) && asked?.acknowledgements.every((each) => each.role !== role) === true,
  )
  const asks = gate.missing.some((item) => item.kind === 'condition' && item.signal === 'stages.acknowledged')
  if (asks && toAcknowledge !== undefined)
    return form(
      { action: `${homeOf(of)}/beta-acknowledgements` },
      html`${hidden('role', toAcknowledge)}${button({ text: `Acknowledge as ${acknowledgingWords[toAcknowledge]}` })}`,
    )

  const verdict = gate.criteria.find(
    ({ criterion, state }) =>
      state !== 'met' &&
      state !== 'waived' &&
      (criterion.decides.some((role) => roles.includes(role)) || roles.includes('service-manager')),
  )
  if (verdict !== undefined)
    return button({
      text: `Give a verdict: ${verdict.criterion.title.toLowerCase()}`,
      href: `${gateHref(screen)}/criteria/${verdict.criterion.id}#say`,
    })

  const sign = gate.signOffs.find(
    ({ asked: { role }, given, invalidBecause }) =>
      roles.includes(role) && (given === null || invalidBecause !== null) && gate.gate.from === of.feature.course.stage,
  )
  if (sign !== undefined)
    return form(
      { action: `${gateHref(screen)}/sign-offs` },
      html`${hidden('role', sign.asked.role)}${button({ text: `Sign as ${roleNames[sign.asked.role]}` })}`,
    )

  if (asks && asked === null && isBetaDecided(of.feature, work.decision))
    return button({ text: 'Say that it is ready for beta', href: `${workHref}#ready` })
  if (gate.missing.some((item) => item.kind === 'condition' && item.signal === 'stages.beta-decided'))
    return button({ text: 'Decide whether it has a beta', href: `${workHref}#beta` })
  return button({ text: 'See what the gate asks', href: gateHref(screen), kind: 'secondary' })
}
