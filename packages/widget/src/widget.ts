import { openDialog } from './dialog.ts'
import { button, h } from './elements.ts'
import { scrub } from './scrub.ts'
import { keep, keptAnswer, send, type Answer } from './send.ts'

const path = '/.phasegate/feedback'
const script = document.currentScript || document.querySelector('script[src*="/.phasegate/widget.js"]')

function enhance(form: HTMLFormElement): void {
  const shownAt = performance.now()
  const id = crypto.randomUUID ? crypto.randomUUID() : `${Math.random()}`.slice(2) + Date.now()
  let busy = false
  const submit = async (accepted: boolean) => {
    clear(form)
    const answer = read(form)
    if (!answer.rating && !answer.comment) {
      return showProblems(form, [{ field: 'rating', message: 'Choose an answer or write a comment' }])
    }
    const { found, text } = scrub(`${answer.comment || ''}`)
    if (found.length && !accepted) return preview(form, found, text, submit)
    if (busy) return
    busy = true
    // A policy that forbids requests by script leaves the form itself.
    document.addEventListener('securitypolicyviolation', ({ effectiveDirective }) => {
      if (busy && effectiveDirective === 'connect-src') HTMLFormElement.prototype.submit.call(form)
    })
    const whole = { ...answer, id, tookMs: Math.round(performance.now() - shownAt) }
    const sent = await send(form.action.split('?')[0] as string, whole, () => waiting(form, whole))
    busy = false
    if (sent.kind === 'stored') thank(form, sent.reference)
    else showProblems(form, sent.problems.length ? sent.problems : [{ field: '', message: sent.title }])
  }
  form.noValidate = true
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    void submit(false)
  })
}

/** The filled fields, and those in the address of the form (journey, ending). */
function read(form: HTMLFormElement): Answer {
  const answer: Record<string, string> = { page: location.pathname }
  new URL(form.action).searchParams.forEach((value, name) => (answer[name] = value))
  new FormData(form).forEach((value, name) => {
    const text = typeof value === 'string' && value.trim()
    if (text) answer[name] = text
  })
  return answer as Answer
}

function clear(form: HTMLFormElement): void {
  form.querySelectorAll('.pgw-error,.pgw-notice').forEach((old) => old.remove())
  form.querySelectorAll('[aria-describedby]').forEach((field) => {
    field.removeAttribute('aria-invalid')
    const others = (field.getAttribute('aria-describedby') || '').replace(/ ?pgw-error-\w*/, '')
    if (others) field.setAttribute('aria-describedby', others)
    else field.removeAttribute('aria-describedby')
  })
}

function showProblems(form: HTMLFormElement, problems: { field: string; message: string }[]): void {
  let first: HTMLElement | undefined
  for (const { field: path, message } of problems) {
    const field = path.replace(/^body\.?/, '')
    const id = `pgw-error-${field.replace(/\W/g, '')}`
    const error = h('p', { class: 'pgw-error', id }, h('strong', {}, 'Error: '), message)
    const input = form.querySelector<HTMLElement>(`[name="${CSS.escape(field)}"]`)
    const group = input?.closest('fieldset')
    if (group) (group.querySelector('legend') || group).after(error)
    else if (input) input.before(error)
    else form.prepend(error)
    const described = group || input
    if (described) {
      described.setAttribute('aria-describedby', `${described.getAttribute('aria-describedby') || ''} ${id}`.trim())
      if (!group) described.setAttribute('aria-invalid', 'true')
    } else error.tabIndex = -1
    first ||= input || error
  }
  first?.focus()
}

/** Says something in place of the buttons and moves there, so that it is seen and heard. */
function notice(form: HTMLFormElement, title: string, ...content: Node[]): void {
  clear(form)
  const box = h('div', { class: 'pgw-notice', tabindex: '-1' }, h('p', {}, h('strong', {}, title)), ...content)
  form.append(box)
  box.focus()
}

function preview(form: HTMLFormElement, found: string[], text: string, submit: (accepted: boolean) => void): void {
  const comment = form.querySelector<HTMLTextAreaElement>('[name=comment]')
  notice(
    form,
    `Your comment seems to contain ${found.join(' and ')}.`,
    h('p', {}, 'Without it, your comment would read:'),
    h('blockquote', {}, text),
    h(
      'div',
      { class: 'pgw-row' },
      button(
        'Remove it and send',
        () => {
          if (comment) comment.value = text
          submit(true)
        },
        false,
      ),
      button('Send as I wrote it', () => submit(true)),
      button('Go back and change it', () => {
        clear(form)
        comment?.focus()
      }),
    ),
  )
}

function waiting(form: HTMLFormElement, answer: Answer): void {
  const row = h('div', { class: 'pgw-row' })
  row.append(
    button('Keep it on this device until it is sent', () => {
      keep(answer)
      row.replaceWith(h('p', {}, 'Kept. It will be sent when you next open a page of this service.'))
    }),
  )
  notice(
    form,
    'Your answer has not been sent yet.',
    h('p', {}, 'We try again until it gets through, while this page stays open.'),
    row,
  )
}

function thank(form: HTMLFormElement, reference: string): void {
  const box = h('div', { class: 'pgw pgw-thanks', tabindex: '-1' }, h('h2', {}, 'Thank you'))
  box.append(h('p', {}, 'Your answer has reached the team.'))
  if (reference) box.append(h('p', {}, 'Your reference number is ', h('strong', {}, reference)))
  form.replaceWith(box)
  box.focus()
}

function start(): void {
  const source = script?.getAttribute('src')
  if (source && !document.querySelector('link[href*="/.phasegate/widget.css"]')) {
    document.head.append(h('link', { rel: 'stylesheet', href: source.replace(/widget\.js.*/, 'widget.css') }))
  }
  document.querySelectorAll<HTMLFormElement>(`form[action*="${path}"]`).forEach(enhance)
  document.addEventListener('click', (event) => {
    const link = (event.target as Element).closest<HTMLAnchorElement>(`a[href*="${path}"]`)
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || !window.HTMLDialogElement) return
    event.preventDefault()
    openDialog(link.href, 'Give feedback', enhance)
  })
  const answer = keptAnswer()
  if (answer) void send(new URL(path, location.href).href, answer, () => {})
}

if (document.readyState === 'loading') document.addEventListener('DOMContentLoaded', start)
else start()
