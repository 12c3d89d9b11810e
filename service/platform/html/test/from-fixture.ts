import { type Content, type Html, raw } from '../html.ts'
import { button } from '../components/button.ts'
import { checkboxes, radios } from '../components/choices.ts'
import { characterCount, fileUpload, input, select, textarea } from '../components/fields.ts'
import { summaryList, table } from '../components/lists.ts'
import { backLink, breadcrumbs, pagination, serviceNavigation, skipLink } from '../components/navigation.ts'
import {
  details,
  errorSummary,
  insetText,
  notificationBanner,
  panel,
  phaseBanner,
  tag,
  warningText,
} from '../components/notices.ts'
import { errorMessage, fieldset, hint, label } from '../components/text.ts'

// The parameters of the design system, as its fixtures give them: anything may stand anywhere.
// oxlint-disable-next-line typescript/no-explicit-any
type Params = any

/** `text` and `html` of the design system are one in ours: text, or markup. */
const words = (params: Params, text = 'text', markup = 'html'): Content =>
  params?.[markup] ? raw(params[markup]) : params?.[text]

// There, an attribute without a value is written `name=""`, and true is a word.
const attributesOf = (values: Params): Params =>
  values && Object.fromEntries(Object.entries(values).map(([name, value]) => [name, String(value ?? '')]))

const each = (params: Params): Params =>
  params && { ...params, text: words(params), attributes: attributesOf(params.attributes) }

const listed = (items: Params[] | undefined): Params[] =>
  (items ?? []).map((item) => item && { ...each(item), label: each(item.label), hint: each(item.hint) })

const group = (params: Params): Params =>
  params && { ...params, attributes: attributesOf(params.attributes), ...inserted(params) }

const inserted = (params: Params): Params => ({
  beforeInput: words(params.beforeInput ?? params.beforeInputs),
  afterInput: words(params.afterInput ?? params.afterInputs),
})

const field = (params: Params): Params => ({
  ...params,
  label: each(params.label),
  hint: each(params.hint),
  errorMessage: each(params.errorMessage),
  attributes: attributesOf(params.attributes),
  formGroup: group(params.formGroup),
})

const choices = (params: Params): Params => ({
  ...field(params),
  items: listed(params.items).map((item) => item && { ...item, conditional: words(item.conditional) }),
  chosen: params.values,
  values: undefined,
  fieldset: params.fieldset && {
    ...params.fieldset,
    attributes: attributesOf(params.fieldset.attributes),
    legend: each(params.fieldset.legend),
  },
})

const action = (params: Params): Params => params && { ...params, items: listed(params.items) }

const cell = (params: Params): Params => each(params)

export const fromFixture: Record<string, (params: Params) => Html> = {
  'back-link': (params) => backLink(each(params)),
  breadcrumbs: (params) =>
    breadcrumbs({ ...params, attributes: attributesOf(params.attributes), items: listed(params.items) }),
  button: (params) => button(each(params)),
  'character-count': (params) => characterCount(field(params)),
  checkboxes: (params) => checkboxes(choices(params)),
  details: (params) =>
    details(
      {
        ...params,
        attributes: attributesOf(params.attributes),
        summary: words(params, 'summaryText', 'summaryHtml'),
      },
      words(params),
    ),
  'error-message': (params) => errorMessage({ ...each(params), visuallyHiddenText: params.visuallyHiddenText }),
  'error-summary': (params) =>
    errorSummary({
      ...params,
      attributes: attributesOf(params.attributes),
      title: words(params, 'titleText', 'titleHtml') ?? '',
      description: words(params, 'descriptionText', 'descriptionHtml'),
      errors: listed(params.errorList),
    }),
  fieldset: (params) =>
    fieldset(
      { ...params, attributes: attributesOf(params.attributes), legend: each(params.legend) },
      params.html && raw(params.html),
    ),
  'file-upload': (params) =>
    fileUpload({ ...field(params), wrapperAttributes: attributesOf(params.wrapperAttributes) }),
  hint: (params) => hint(each(params)),
  input: (params) =>
    input({
      ...field(params),
      prefix: each(params.prefix),
      suffix: each(params.suffix),
      inputWrapper: params.inputWrapper && {
        ...params.inputWrapper,
        attributes: attributesOf(params.inputWrapper.attributes),
      },
    }),
  'inset-text': (params) => insetText(each(params)),
  label: (params) => label(each(params)),
  'notification-banner': (params) =>
    notificationBanner({
      ...params,
      attributes: attributesOf(params.attributes),
      title: words(params, 'titleText', 'titleHtml'),
      content: words(params),
    }),
  pagination: (params) =>
    pagination({
      ...params,
      attributes: attributesOf(params.attributes),
      previous: each(params.previous),
      next: each(params.next),
      items: params.items?.map((item: Params) => item && Object.keys(item).length > 0 && each(item)),
    }),
  panel: (params) =>
    panel({
      ...each(params),
      title: words(params, 'titleText', 'titleHtml'),
      actions: params.actions && { ...action(params.actions), attributes: attributesOf(params.actions.attributes) },
    }),
  'phase-banner': (params) => phaseBanner({ ...each(params), tag: each(params.tag) }),
  radios: (params) => radios(choices(params)),
  select: (params) =>
    select({
      ...field(params),
      items: listed(params.items).map(
        (item) => item && { ...item, value: item.value === false ? 'false' : item.value },
      ),
    }),
  'service-navigation': (params) =>
    serviceNavigation({
      ...params,
      attributes: attributesOf(params.attributes),
      navigation: listed(params.navigation),
      slots: params.slots && {
        start: raw(params.slots.start ?? ''),
        navigationStart: raw(params.slots.navigationStart ?? ''),
        navigationEnd: raw(params.slots.navigationEnd ?? ''),
        end: typeof params.slots.end === 'string' ? raw(params.slots.end) : each(params.slots.end),
      },
    }),
  'skip-link': (params) => skipLink(each(params)),
  'summary-list': (params) =>
    summaryList({
      ...params,
      attributes: attributesOf(params.attributes),
      rows: params.rows.map(
        (row: Params) =>
          row && { ...row, key: each(row.key), value: each(row.value), actions: row.actions && action(row.actions) },
      ),
      card: params.card && {
        ...params.card,
        attributes: attributesOf(params.card.attributes),
        title: each(params.card.title),
        actions: action(params.card.actions),
      },
    }),
  table: (params) =>
    table({
      ...params,
      attributes: attributesOf(params.attributes),
      head: params.head?.map(cell),
      rows: (params.rows ?? []).map((row: Params) => row && row.map(cell)),
    }),
  tag: (params) => tag(each(params)),
  textarea: (params) => textarea(field(params)),
  'warning-text': (params) => warningText(each(params)),
}
