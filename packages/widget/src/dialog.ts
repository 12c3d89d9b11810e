import { button, h } from './elements.ts'

const ratings = [
  'Very satisfied',
  'Satisfied',
  'Neither satisfied nor dissatisfied',
  'Dissatisfied',
  'Very dissatisfied',
]
const kinds: [string, string][] = [
  ['experience', 'What happened to me'],
  ['suggestion', 'A suggestion'],
  ['general', 'Something else'],
]

/** The form of the feedback link, over the page, so that nobody loses what they typed there. */
export function openDialog(url: string, title: string, enhance: (form: HTMLFormElement) => void): void {
  const heading = h('h2', { id: 'pgw-title' }, title)
  const close = button('Close', () => dialog.close())
  const form = h(
    'form',
    { class: 'pgw', action: url, method: 'post' },
    choices(
      'rating',
      'How satisfied were you with the service?',
      ratings.map((text, i) => [`${5 - i}`, text]),
    ),
    choices('kind', 'What is your feedback about?', kinds),
    field(
      'comment',
      'What should we change or keep?',
      'Leave out names, addresses and numbers that identify you',
      h('textarea', { rows: '5', maxlength: '5000' }),
    ),
    field(
      'address',
      'Email address, if you want a reply (optional)',
      '',
      h('input', { type: 'email', maxlength: '254', autocomplete: 'email' }),
    ),
    h(
      'div',
      { class: 'pgw-trap' },
      field('website', 'Leave this blank', '', h('input', { tabindex: '-1', autocomplete: 'off' })),
    ),
    h('div', { class: 'pgw-row' }, h('button', { class: 'pgw-button' }, 'Send feedback')),
  )
  const dialog = h(
    'dialog',
    { class: 'pgw-dialog', 'aria-labelledby': 'pgw-title' },
    h('div', { class: 'pgw-row' }, heading, close),
    form,
  )
  dialog.onclose = () => dialog.remove()
  document.body.append(dialog)
  enhance(form)
  dialog.showModal()
}

function choices(name: string, legend: string, options: [value: string, text: string][]): HTMLFieldSetElement {
  return h(
    'fieldset',
    {},
    h('legend', {}, legend),
    ...options.map(([value, text]) =>
      h('label', { class: 'pgw-choice' }, h('input', { type: 'radio', name, value }), h('span', {}, text)),
    ),
  )
}

function field(name: string, label: string, hint: string, input: HTMLElement): HTMLDivElement {
  input.id = `pgw-${name}`
  input.setAttribute('name', name)
  const group = h('div', {}, h('label', { for: input.id }, label))
  if (hint) {
    group.append(h('p', { id: `pgw-${name}-hint`, class: 'pgw-hint' }, hint))
    input.setAttribute('aria-describedby', `pgw-${name}-hint`)
  }
  group.append(input)
  return group
}
