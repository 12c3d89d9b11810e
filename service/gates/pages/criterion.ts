import { dateWords, dayWords, longDayWords, roleNames, type Problem } from '../../platform/index.ts'
import {
  actions,
  bullets,
  button,
  checkboxes,
  dataSays,
  details,
  fileUpload,
  facts,
  form,
  html,
  input,
  link,
  meta,
  paragraph,
  radios,
  section,
  select,
  split,
  textarea,
  verdict as verdictMark,
  type Html,
  type Values,
} from '../../platform/html/index.ts'
import { attachmentWords } from '../../platform/attachments/index.ts'
import type { CriterionView, Evidence, FrozenReading, GateView, Verdict } from '../gates.ts'
import { definitionOf } from '../freeze.ts'
import type { SignalAsked } from '../playbook.ts'
import { blockingSignals } from '../rules.ts'
import { intervalWords, kindOf, readingLine, shapes, stateWords, valueAndWords, who } from './words.ts'

export interface CriterionPage {
  gate: GateView
  view: CriterionView
  /** The other gates that ask this too, each with verdicts of its own. */
  others: { name: string; href: string }[]
  home: string
  timeZone: string
  today: string
  /** In whose name the forms act. */
  name: string
  /** Of a file that is attached. */
  mostMegabytes: number
  may: { verdict: boolean; waive: boolean; evidence: boolean }
  problems: Problem[]
  values: Values
}

export function criterionContent(page: CriterionPage): Html {
  return split(
    '7-5',
    html`${asks(page)}${says(page)}${evidenceList(page)}${page.may.evidence && actions(evidenceForm(page))}`,
    html`${weSay(page)}${page.may.verdict && verdictForm(page)}${page.may.waive && actions(waiverForm(page))}${history(page)}`,
  )
}

function asks({ view: { criterion }, others }: CriterionPage): Html {
  const { why, failureSigns, source, decides, appliesWhen } = criterion
  return section(
    { title: 'What it asks', tight: true },
    html`${paragraph(why)}
      ${appliesWhen !== undefined && paragraph(`It applies when ${appliesWhen}. Where it does not, say so as the reason and record it as met.`)}
      ${failureSigns.length > 0 && html`<p class="govuk-body">It is often not met when:</p>${bullets(...failureSigns)}`}
      ${facts([
        { name: 'Decides', value: who(decides) },
        others.length > 0 && { name: 'Asked again at', value: others.map(({ name, href }) => link(name, href)) },
        { name: 'Comes from', value: `“${source.heading}”: ${source.says}` },
      ])}`,
  )
}

function says({ view }: CriterionPage): Html {
  const { readings } = view
  const blocking = new Set(blockingSignals(view).map(({ asked }) => asked.id))
  const waived = new Map(view.signalWaivers.map((waiver) => [waiver.signal, waiver]))
  const items = readings.map((each) => {
    const { asked, signal } = each
    const waiver = waived.get(asked.id)
    const notes = [
      asked.windowDays === 1 ? 'Last day' : `Last ${asked.windowDays} days`,
      definitionOf(each.reading),
      blockingWords(asked.blocks),
      asked.disputes === true && 'Disputes a verdict of met by itself',
    ].filter((note) => typeof note === 'string')
    return html`<li>
      ${dataSays({ kind: kindOf(each), words: readingLine(each) })}
      <span class="pg-sub">${notes.join('. ')}. ${link('See the data', each.reading.href, { hidden: `of ${signal.says}` })}</span>
      ${blocking.has(asked.id) && html`<span class="pg-sub"><b>It keeps the gate shut now.</b></span>`}
      ${waiver !== undefined && html`<span class="pg-sub">Waived by ${waiver.by} until ${longDayWords(waiver.endsOn)}: ${waiver.reason}</span>`}
    </li>`
  })
  const content =
    items.length === 0
      ? paragraph('Nothing is measured for this criterion. It rests on what people attach and say.')
      : html`<ul class="govuk-list">${items}</ul>`
  return section({ title: 'What the data says', id: 'data' }, content)
}

function blockingWords(blocks: SignalAsked['blocks']): string | false {
  if (blocks === 'when-failing')
    return 'Keeps the gate shut while it fails, until it is waived by name; where there is no answer yet, people decide'
  return blocks === true && 'Keeps the gate shut until it holds, or is waived by name'
}

function evidenceList({ view, timeZone, home, gate, may }: CriterionPage): Html {
  const asked = view.criterion.evidence.map(({ id, ask, maxAgeDays, required }) => {
    const limit = maxAgeDays === undefined ? '' : `, at most ${maxAgeDays} days old`
    const have = view.evidence.some((item) => item.asked === id)
    return html`<li>${have ? 'Attached' : required === true ? html`<b>Missing</b>` : 'Not attached'}: ${ask}${limit}${required === true && ' (required)'}</li>`
  })
  const items = view.evidence.map((item) =>
    evidenceItem(item, { timeZone, home, gate: gate.gate.id, mayRemove: may.evidence }),
  )
  return section(
    { title: 'Evidence', id: 'evidence' },
    html`${asked.length > 0 && html`<ul class="pg-ticks">${asked}</ul>`}
    ${items.length > 0 ? html`<ol class="pg-log">${items}</ol>` : meta('Nothing is attached yet.')}`,
  )
}

function evidenceItem(item: Evidence, at: { timeZone: string; home: string; gate: string; mayRemove: boolean }): Html {
  const title = item.url === null ? html`<b>${item.title}</b>` : link(item.title, item.url)
  const said =
    item.says === null
      ? null
      : html` <span class="pg-sub">A program said: ${item.says === 'met' ? 'met' : 'not met'}. It is evidence, not a verdict.</span>`
  const remove =
    at.mayRemove &&
    form(
      { action: `${at.home}/gates/${at.gate}/criteria/${item.criterion}/evidence/${item.id}/aside` },
      button({ text: html`Set aside<span class="govuk-visually-hidden"> ${item.title}</span>`, kind: 'secondary' }),
    )
  return html`<li>
    <time datetime="${item.dated}">${dayWords(item.dated)}</time
    ><span>${title}${said}${item.note !== '' && html` <span class="pg-sub">${item.note}</span>`}${attached(item, at.home)}<span class="pg-sub">Owner ${item.owner}. Attached by ${item.by}, ${dateWords(item.at, at.timeZone)}</span>${remove}</span>
  </li>`
}

/** The whole fingerprint stands there to be compared with that of the file at hand. */
function attached({ id, attachment }: Evidence, home: string): Html | null {
  if (attachment === null) return null
  const { name, size, sha256 } = attachment
  const kilobytes = Math.max(1, Math.round(size / 1024)).toLocaleString('en-GB')
  return html` <span class="pg-sub">${link(name, `${home}/evidence/${id}/attachment`)} (${kilobytes} KB). SHA-256 <code class="pg-print">${sha256}</code></span>`
}

function evidenceForm({ view, home, gate, problems, values, today, name, mostMegabytes }: CriterionPage): Html {
  const fields = ['title', 'url', 'file', 'dated', 'owner', 'note', 'asked']
  const options = [
    { value: '', text: 'Something else' },
    ...view.criterion.evidence.map(({ id, ask }) => ({ value: id, text: ask })),
  ]
  return details(
    { summary: 'Attach evidence', open: problems.some(({ field }) => fields.includes(field)) },
    form(
      { action: `${home}/gates/${gate.gate.id}/criteria/${view.criterion.id}/evidence`, multipart: true },
      html`${options.length > 1 && select({ name: 'asked', label: 'What it is', items: options, problems, values })}
      ${input({ name: 'title', label: 'Title', problems, values })}
      ${input({ name: 'url', label: 'Link (optional)', hint: 'Where it can be read', problems, values })}
      ${fileUpload({ name: 'file', label: 'File (optional)', hint: `${attachmentWords}, at most ${mostMegabytes} MB. Where a photo was taken, and with what, is taken out of it.`, problems, values })}
      ${input({ name: 'dated', label: 'Day it shows', hint: 'Of an audit, the day of the audit. Its age counts from here.', type: 'date', classes: 'govuk-input--width-10', problems, values: { dated: today, ...values } })}
      ${input({ name: 'owner', label: 'Owner', hint: 'Who can answer questions about it', problems, values: { owner: name, ...values } })}
      ${textarea({ name: 'note', label: 'Note (optional)', rows: 3, problems, values })} ${button({ text: 'Attach', kind: 'secondary' })}`,
    ),
  )
}

function weSay({ view, timeZone }: CriterionPage): Html {
  const { state, verdict, confirmBecause, disagrees, disputed } = view
  return section(
    { title: 'What we say', id: 'say', tight: true },
    html`<p class="govuk-body">${verdictMark(shapes[state], { large: true })}</p>
      ${confirmBecause.length > 0 && bullets(...confirmBecause)}
      ${disputed && paragraph('A complaint disputes it. Answer the complaint, or look again.')}
      ${disagrees !== null && paragraph(disagrees === 'met-against-data' ? 'The data says otherwise: a signal fails its rule.' : 'The data says otherwise: every signal fulfils its rule.')}
      ${verdict === null ? meta('Nobody has given a verdict yet.') : verdictLine(verdict, timeZone)}`,
  )
}

function verdictLine(verdict: Verdict, timeZone: string): Html {
  const waiver =
    verdict.waiver === null ? null : `${verdict.waiver.owner} sees to it until ${longDayWords(verdict.waiver.endsOn)}. `
  return html`<p class="pg-differ__quote">“${verdict.reason}”</p>
    <p class="pg-meta">${waiver}${verdict.by}, ${roleNames[verdict.role].toLowerCase()}, ${dateWords(verdict.at, timeZone)}</p>`
}

function verdictForm({ view, home, gate, problems, values, name }: CriterionPage): Html {
  const lacks = view.lacks.length === 0 ? null : `Needs first: ${view.lacks.join('; ')}`
  return section(
    { title: view.verdict === null ? 'Give a verdict' : 'Decide again', id: 'verdict' },
    form(
      { action: `${home}/gates/${gate.gate.id}/criteria/${view.criterion.id}/verdict` },
      html`${radios({
        name: 'verdict',
        legend: { text: view.criterion.ask, classes: 'govuk-fieldset__legend--s' },
        classes: 'govuk-radios--small',
        problems,
        values,
        items: [
          { value: 'met', text: 'Met', hint: lacks, disabled: lacks !== null },
          { value: 'not-met', text: 'Not met' },
        ],
      })}
      ${textarea({ name: 'reason', label: { text: 'Reason', classes: 'govuk-label--s' }, hint: 'What it rests on, in a sentence or two', rows: 4, problems, values })}
      ${button({ text: 'Record verdict', preventDoubleClick: true })}
      ${meta(`As ${name}. Frozen with what the data says now; a later verdict follows it and does not replace it.`)}`,
    ),
  )
}

function waiverForm({ view, home, gate, problems, values }: CriterionPage): Html {
  const fields = ['why', 'waivedBy', 'endsOn', 'signals']
  const blocking = blockingSignals(view)
  const targets = [
    { value: 'criterion', text: 'The criterion itself' },
    ...blocking.map(({ asked, signal }) => ({ value: asked.id, text: `The blocking signal: ${signal.says}` })),
  ]
  return details(
    { summary: 'Waive it until a date', open: problems.some(({ field }) => fields.includes(field)) },
    form(
      { action: `${home}/gates/${gate.gate.id}/criteria/${view.criterion.id}/waiver` },
      html`${paragraph('A waiver has an owner and an end. It stays visible, and the gate opens only with actions.')}
      ${blocking.length > 0 && checkboxes({ name: 'signals', legend: 'What is waived', items: targets, problems, values })}
      ${textarea({ name: 'why', label: 'Reason', rows: 3, problems, values })}
      ${input({ name: 'waivedBy', label: 'Who sees to it', problems, values })}
      ${input({ name: 'endsOn', label: 'Last day', type: 'date', classes: 'govuk-input--width-10', problems, values })}
      ${button({ text: 'Waive', kind: 'secondary' })}`,
    ),
  )
}

function history({ view, timeZone }: CriterionPage): Html | null {
  if (view.history.length === 0) return null
  const items = view.history.map(
    (each) =>
      html`<li>
        <time datetime="${each.at.toISOString()}">${dateWords(each.at, timeZone)}</time
        >
        <div><b>${stateWords[each.kind]}</b> ${each.by}: ${each.reason} ${frozen(each, timeZone)}</div>
      </li>`,
  )
  return section({ title: 'Verdicts so far', id: 'history' }, html`<ol class="pg-log">${items}</ol>`)
}

/** GATE-5: what it rested on then, whatever the data says today. */
function frozen({ frozen: { playbook, readings, evidence } }: Verdict, timeZone: string): Html {
  const lines = [
    ...readings.map((each) => frozenLine(each, timeZone)),
    ...evidence.map(({ title, dated }) => `Evidence: ${title}, ${longDayWords(dated)}`),
    `Playbook ${playbook.id} ${playbook.version}`,
  ]
  return details({ summary: 'What it rested on' }, bullets(...lines))
}

function frozenLine(line: FrozenReading, timeZone: string): string {
  const { reading, says: words, rule, definition, window } = line
  const period = `${dateWords(new Date(window.from), timeZone)} to ${dateWords(new Date(window.to), timeZone)}`
  const tail = `${words}${rule === null ? '' : `, rule: ${rule}`}. ${definition === null ? '' : `${definition}. `}${period}`
  if (reading.kind === 'no-data') return `No data: ${tail}`
  if (reading.kind === 'too-few') return `Too few (${reading.n} of ${reading.needed}): ${tail}`
  const from = reading.n === null ? '' : `, from ${reading.n.toLocaleString('en-GB')}`
  const [value, says] = valueAndWords(reading.value, line)
  const interval = line.difference === undefined ? null : intervalWords(reading, line)
  return `${value} ${says}${interval === null ? '' : `, ${interval}`}${from}${rule === null ? '' : `, rule: ${rule}`}. ${definition === null ? '' : `${definition}. `}${period}`
}
