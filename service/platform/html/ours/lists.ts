import { attributes, classes, type Content, type Html, html, isNothing } from '../html.ts'
import { chip, mark, type Tone } from '../marks.ts'
import { meter, rating } from './plots.ts'

export interface HistoryItem {
  at: Date
  /** As shown: "14:26", "16 Nov". */
  when: string
  who: Content
  what: Content
  why?: Content
  /** Below it, such as details that few need. */
  more?: Content
}

/** What happened, newest first: who did what, and why. */
export const historyList = (items: readonly HistoryItem[]): Html =>
  html`<ol class="pg-log">
    ${items.map(
      ({ at, when, who, what, why, more }) =>
        html`<li>
          <time datetime="${at.toISOString()}">${when}</time
          ><div><b>${who}</b> ${what}${!isNothing(why) && html` <span class="pg-sub-i">${why}</span>`}${more}</div>
        </li>`,
    )}
  </ol>`

export interface TodoItem {
  title: Content
  href?: string | undefined
  text?: Content
  /** Whose it is, since when. */
  meta?: Content
  action?: Content
}

/** What needs somebody now, the most urgent first. */
export const todoList = (items: readonly TodoItem[]): Html =>
  html`<ol class="pg-todo">
    ${items.map(
      ({ title, href, text, meta, action }) =>
        html`<li class="pg-todo__item">
          <div class="pg-todo__body">
            <h3 class="pg-todo__title">${href ? html`<a class="govuk-link" href="${href}">${title}</a>` : title}</h3>
            ${text && html`<p>${text}</p>`}${meta && html`<p class="pg-meta">${meta}</p>`}${action}
          </div>
        </li>`,
    )}
  </ol>`

export interface Quote {
  id?: string | undefined
  score: number | null
  text: Content
  /** Where and when: "Your vehicle, phone, 14:11". */
  meta: Content
  tags?: readonly { words: Content; tone?: Tone }[] | undefined
  actions?: Content
}

/** What people wrote. */
export const quoteList = (quotes: readonly Quote[]): Html =>
  html`<ul class="pg-quotes">
    ${quotes.map((quote) => {
      const score = quote.score !== null && html`<p class="pg-quote__score">${rating(quote.score)}</p>`
      const text = !isNothing(quote.text) && html`<blockquote class="pg-quote__text"><p>${quote.text}</p></blockquote>`
      const tags = quote.tags?.map(({ words, tone }) => html` ${chip(words, tone ? { tone } : {})}`)
      return html`<li${attributes({ class: 'pg-quote', id: quote.id })}>${score}${text}<p class="pg-meta">${quote.meta}${tags}</p>${quote.actions}</li>`
    })}
  </ul>`

export interface ChecklistItem {
  title: Content
  isDone: boolean
  /** What has been seen, or what to do. */
  text?: Content
  action?: Content
}

/** What has been seen to work, and what to do about the rest. */
export const checklist = (items: readonly ChecklistItem[]): Html =>
  html`<ol class="pg-checklist">
    ${items.map(
      ({ title, isDone, text, action }) =>
        html`<li class="${classes('pg-checklist__item', isDone && 'pg-checklist__item--done')}">
          ${mark(isDone ? 'seen' : 'not-started', 'l')}
          <div>
            <p class="pg-checklist__title">
              ${title}<span class="govuk-visually-hidden">: ${isDone ? 'done' : 'to do'}</span>
            </p>
            ${text && html`<p class="pg-checklist__text">${text}</p>`}${!isNothing(action) && html`<div class="pg-acts">${action}</div>`}
          </div>
        </li>`,
    )}
  </ol>`

export interface StepItem {
  title: Content
  text?: Content
  href?: string | undefined
}

/** A few numbered steps, as of a tour. */
export const stepList = (items: readonly StepItem[]): Html =>
  html`<ol class="pg-steps">
    ${items.map(
      ({ title, text, href }) =>
        html`<li>
          ${href ? html`<a class="govuk-link" href="${href}"><b>${title}</b></a>` : html`<b>${title}</b>`}${text && html`<span class="pg-sub">${text}</span>`}
        </li>`,
    )}
  </ol>`

export interface LadderRung {
  name: Content
  /** How many people stand on it. */
  count: Content
  /** Does it count as things are? */
  isShut?: boolean | undefined
  note?: Content
  meter?: { value: number; max: number; label: string } | undefined
  /** What changes it. */
  action?: { text: Content; href: string } | undefined
}

export interface LadderOptions {
  /** In the order in which a decision asks them: those that count, then those above the ceiling. */
  rungs: readonly LadderRung[]
  /** Drawn between the two. */
  ceiling: { words: Content; link?: { text: Content; href: string } | undefined }
  label: string
}

/** Who can get in, rung by rung, and the ceiling that the phase sets. */
export const ladder = (options: LadderOptions): Html => {
  const rung = (item: LadderRung): Html =>
    html`<li class="${classes('pg-rung', item.isShut && 'pg-rung--shut')}">
      <p class="${classes('pg-rung__n', /^\D+$/.test(String(item.count)) && 'pg-rung__n--words')}">${item.count}</p>
      <div>
        <h3 class="pg-rung__name">${item.name}</h3>
        ${item.note && html`<p class="pg-rung__note">${item.note}</p>`}${item.meter && meter({ ...item.meter, size: 'thin' })}
      </div>
      ${item.action && html`<p class="pg-rung__act"><a class="govuk-link" href="${item.action.href}">${item.action.text}</a></p>`}
    </li>`
  const { words, link } = options.ceiling
  const ceiling = html`<li class="pg-ceiling">
    <p>${mark('ceiling')}<b>${words}</b>${link && html`<a class="govuk-link" href="${link.href}">${link.text}</a>`}</p>
  </li>`
  return html`<ol${attributes({ class: 'pg-ladder', 'aria-label': options.label })}>
    ${options.rungs.filter(({ isShut }) => !isShut).map(rung)}${ceiling}${options.rungs.filter(({ isShut }) => isShut).map(rung)}
  </ol>`
}

export interface WhyStep {
  question: Content
  answer: Content
  /** This is the rule that decided. */
  decided?: boolean | undefined
}

/** Why one person is in or out: the questions in the order in which they are asked. */
export const whyList = (steps: readonly WhyStep[]): Html =>
  html`<ol class="pg-why">
    ${steps.map(
      ({ question, answer, decided }) =>
        html`<li class="${decided ? 'pg-why__hit' : ''}">
          <span class="pg-why__q">${question}</span
          ><span>${answer}${decided && html`<span class="govuk-visually-hidden"> (this decided)</span>`}</span>
        </li>`,
    )}
  </ol>`

/** How far a long piece of work is. Inside a live region with `data-live-every` it moves by itself. */
export const progress = (options: {
  id: string
  words: Content
  isDone?: boolean
  /** Left out where only the end can be told. */
  value?: number
  max?: number
}): Html =>
  html`<div${attributes({
    class: 'pg-progress',
    id: options.id,
    'data-live-region': true,
    'data-live-every': options.isDone ? null : 1,
  })}><p class="pg-progress__words"${attributes({ 'data-live-announce': options.isDone })}>${options.words}</p>${
    options.value !== undefined &&
    options.max !== undefined &&
    meter({ value: options.value, max: options.max, label: `${options.value} of ${options.max}` })
  }</div>`
