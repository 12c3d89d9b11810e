import {
  button,
  form,
  hidden,
  html,
  input,
  publicPage,
  radios,
  satisfactionQuestion,
  textarea,
  type Html,
} from '../../platform/html/index.ts'
import type { Problem } from '../../platform/index.ts'

export interface PublicService {
  name: string
  phaseLabel: string | null
  example: boolean
}

export interface FormPage {
  service: PublicService
  /** Where our own pages stand on the service's host: `/.phasegate`. */
  base: string
  values: Record<string, string>
  problems: Problem[]
}

const carried = ['id', 'journey', 'ending', 'shownAt'] as const

/** The question as a page of its own: for everybody without JavaScript, and behind the link on every page. */
export function formPage({ service, base, values, problems }: FormPage): Html {
  const field = { values, problems }
  return publicPage(
    {
      title: 'How satisfied were you with the service today?',
      serviceName: service.name,
      serviceUrl: '/',
      phaseLabel: service.phaseLabel,
      base,
      problems,
      exampleData: service.example,
    },
    form(
      { action: `${base}/feedback`, classes: 'pg-ask' },
      html`${satisfactionQuestion({
        ...field,
        name: 'rating',
        legend: 'How satisfied were you with the service today?',
        isPageHeading: true,
        hint: 'Everything here is optional. Your answer has no effect on your application.',
      })}
        ${textarea({
          ...field,
          name: 'comment',
          label: { text: 'What should we change or keep?', classes: 'govuk-label--m' },
          hint: 'Leave out names, addresses and numbers that identify you',
          attributes: { maxlength: 5000 },
        })}
        ${radios({
          ...field,
          name: 'kind',
          legend: { text: 'What is your comment about?', classes: 'govuk-fieldset__legend--m' },
          items: [
            { value: 'experience', text: 'What happened to me' },
            { value: 'suggestion', text: 'A suggestion' },
            { value: 'general', text: 'Something else' },
          ],
        })}
        ${input({
          ...field,
          name: 'address',
          type: 'email',
          autocomplete: 'email',
          spellcheck: false,
          label: { text: 'Email address, if you want a reply', classes: 'govuk-label--m' },
          hint: 'The team uses it only to answer you',
        })}
        <div class="govuk-visually-hidden">
          ${input({
            name: 'website',
            autocomplete: 'off',
            label: 'Leave this blank',
            attributes: { tabindex: -1 },
          })}
        </div>
        ${carried.map((name) => values[name] && hidden(name, values[name]))}
        <div class="pg-accept">
          ${button({ text: 'Send feedback', preventDoubleClick: true })}
          <a class="govuk-link" href="/">Skip</a>
        </div>`,
    ),
  )
}

/** The same words for everybody, whatever became of the answer. */
export function thanksPage(options: { service: PublicService; base: string; reference: string | null }): Html {
  const { service, base, reference } = options
  return publicPage(
    {
      title: 'Thank you',
      serviceName: service.name,
      serviceUrl: '/',
      phaseLabel: service.phaseLabel,
      base,
      exampleData: service.example,
    },
    html`<h1 class="govuk-heading-xl">Thank you</h1>
      <p class="govuk-body-l">Your answer has reached the team. A person reads every comment.</p>
      ${
        reference &&
        html`<p class="govuk-body">
          Your reference number is <strong>${reference}</strong>. Give it if you write to us about this.
        </p>`
      }
      <p class="govuk-body"><a class="govuk-link" href="/">Back to the service</a></p>`,
  )
}
