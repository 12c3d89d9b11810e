import { html, type Markup } from '../web.ts'

export interface Message {
  customer: string
  subject: string
}

export const messages: readonly Message[] = [
  { customer: 'A. Baker', subject: 'The oven arrived with a dent' },
  { customer: 'B. Gardener', subject: 'Can you deliver on Thursday?' },
  { customer: 'A. Baker', subject: 'A photo of the dent' },
  { customer: 'C. Printer', subject: 'The invoice names the wrong street' },
  { customer: 'A. Baker', subject: 'Any news?' },
]

/** By customer is what the feature does. */
export function inbox(byCustomer: boolean): string {
  const all = messages.map((message, index) => ({ ...message, index }))
  if (!byCustomer) {
    const lines = all.map(({ customer, ...message }) =>
      line({ ...message, subject: `${customer}: ${message.subject}` }),
    )
    return page('Inbox', list(lines))
  }
  const customers = [...new Set(messages.map(({ customer }) => customer))]
  const threads = customers.map((customer) => {
    const theirs = all.filter((each) => each.customer === customer)
    return html`<h2>${customer}</h2>${list(theirs.map(line))}`
  })
  return page('Inbox, by customer', html`${threads}`)
}

export function messagePage({ customer, subject }: Message, index: number, isEmpty: boolean): string {
  const problem = isEmpty ? html`<p id="problem"><strong>Write an answer</strong></p>` : html``
  return page(
    `${customer}: ${subject}`,
    html`<form method="post" action="/messages/${index}">
<label for="answer">Your answer</label>${problem}
<textarea id="answer" name="answer" rows="6"></textarea>
<button>Send</button></form><p><a href="/">Back to the inbox</a></p>`,
  )
}

export const answeredPage = (): string =>
  page('Your answer is on its way', html`<p><a href="/">Back to the inbox</a></p>`)

export const problemPage = (): string =>
  page(
    'Your answer could not be sent',
    html`<p>The customer’s mailbox takes no mail at the moment. Try again later.</p>
<p><a href="/">Back to the inbox</a></p>`,
  )

export const notFoundPage = (): string => page('Not found', html`<p><a href="/">Back to the inbox</a></p>`)

const line = ({ index, subject }: { index: number; subject: string }): Markup =>
  html`<li><a href="/messages/${index}">${subject}</a></li>`

const list = (lines: Markup[]): Markup => html`<ul>${lines}</ul>`

function page(title: string, content: Markup): string {
  return html`<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>${title} – Desk</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><style>body{font:1rem/1.5 system-ui;margin:2rem auto;
max-width:40rem;padding:0 1rem}li{padding:.25rem 0}textarea{display:block;width:100%;box-sizing:border-box;font:inherit}
button{font:inherit;margin:1rem 0;padding:.25rem 1rem}</style></head><body><p>Desk</p><main><h1>${title}</h1>${content}
</main></body></html>`.text
}
