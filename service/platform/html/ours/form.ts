import type { Problem } from '../../problem.ts'
import { type Choices, radios } from '../components/choices.ts'
import { type FieldOptions, fieldParts, type Values } from '../components/field.ts'
import { input } from '../components/fields.ts'
import { attributes, type Content, classes, type Html, html, isNothing } from '../html.ts'

export interface FormOptions {
  action: string
  method?: 'post' | 'get' | undefined
  id?: string | undefined
  /** Files can be sent. */
  multipart?: boolean | undefined
  classes?: string | undefined
}

/** The browser's own bubbles are off: problems come back from the server beside the fields. */
export const form = (options: FormOptions, content: Content): Html =>
  html`<form${attributes({
    action: options.action,
    method: options.method ?? 'post',
    id: options.id,
    enctype: options.multipart && 'multipart/form-data',
    class: classes('pg-form', options.classes),
    novalidate: true,
  })}>${content}</form>`

/** A short form in one line: a field and its button. */
export const inlineForm = (options: FormOptions, ...content: readonly Content[]): Html =>
  form({ ...options, classes: classes('pg-inline', options.classes) }, content)

export const hidden = (name: string, value: string | number): Html =>
  html`<input type="hidden" name="${name}" value="${value}" />`

/** A row of things in one line, aligned at their feet. */
export const inline = (...content: readonly Content[]): Html => html`<div class="pg-inline">${content}</div>`

export interface ShareStop {
  /** 0 to 100, steps of 0.001. */
  percent: number
  /** What it means: "about 90 people a day". */
  note?: Content
}

export interface ShareSliderOptions {
  name: string
  legend: Content
  hint?: Content
  stops: readonly ShareStop[]
  /** Where it stands now, in percent. */
  value: number
  /** The name of the field for a share between the stops. */
  exactName?: string | undefined
  problems?: readonly Problem[] | undefined
  values?: Values | undefined
}

/** The share as radios drawn as a slider: works by keyboard, by touch and without a script. */
export const shareSlider = (options: ShareSliderOptions): Html => {
  const field = fieldParts({ ...options, hint: options.hint } satisfies FieldOptions, options.name)
  const typed = options.values?.[options.name]
  const value = typed === undefined ? options.value : Number(typed)
  const stops = options.stops.map((stop, index) => {
    const id = index > 0 ? `${options.name}-${index + 1}` : options.name
    const isChosen = stop.percent === value
    const note = !isNothing(stop.note) && html`<span class="pg-slider__n">${stop.note}</span>`
    const shown = attributes({
      class: 'pg-slider__input',
      type: 'radio',
      name: options.name,
      id,
      value: stop.percent,
      checked: isChosen,
    })
    return html`<div class="pg-slider__stop"><input${shown}><label class="pg-slider__label" for="${id}"><span class="pg-slider__p">${stop.percent}%</span>${note}</label></div>`
  })
  const exact =
    options.exactName &&
    input({
      name: options.exactName,
      label: 'Or exactly',
      suffix: '%',
      inputmode: 'decimal',
      classes: 'govuk-input--width-5',
      problems: options.problems,
      values: options.values,
    })
  const fieldset = attributes({ class: 'govuk-fieldset', 'aria-describedby': field.describedBy })
  const group = classes('govuk-form-group', field.hasError && 'govuk-form-group--error')
  const count = `pg-slider--${options.stops.length}`
  return html`<div class="${group}"><fieldset${fieldset}><legend class="govuk-fieldset__legend govuk-fieldset__legend--s">${options.legend}</legend>${field.messages}<div class="pg-slider ${count}">${stops}</div></fieldset></div>${exact}`
}

/** The five answers to "How satisfied were you?", from very satisfied to very dissatisfied. */
export const satisfactionAnswers = [
  { value: 5, text: 'Very satisfied' },
  { value: 4, text: 'Satisfied' },
  { value: 3, text: 'Neither satisfied nor dissatisfied' },
  { value: 2, text: 'Dissatisfied' },
  { value: 1, text: 'Very dissatisfied' },
] as const

export interface SatisfactionOptions {
  name: string
  legend: Content
  /** The question is the h1 of the page. */
  isPageHeading?: boolean | undefined
  hint?: Content
  problems?: readonly Problem[] | undefined
  values?: Values | undefined
  items?: Choices | undefined
}

export const satisfactionQuestion = (options: SatisfactionOptions): Html =>
  radios({
    name: options.name,
    classes: 'pg-five',
    legend: {
      text: options.legend,
      isPageHeading: options.isPageHeading,
      classes: options.isPageHeading ? 'govuk-fieldset__legend--xl' : 'govuk-fieldset__legend--m',
    },
    hint: options.hint,
    problems: options.problems,
    values: options.values,
    items: options.items ?? satisfactionAnswers,
  })
