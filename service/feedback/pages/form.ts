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

/** Whose page it is, and where it stands. */
export interface Place {
  name: string
  phaseLabel: string | null
  /** In use when it came here: nobody applies for anything in it (GATE-25). */
  isProduct: boolean
  example: boolean
  /** Before the links of these pages, as the browser sees them: `/.phasegate`. */
  base: string
  /** Before the style sheets. */
  assets: string
  /** Where the service begins. */
  home: string
}

export interface FormPage {
  place: Place
  values: Record<string, string>
  problems: Problem[]
}

const carried = ['id', 'journey', 'ending', 'shownAt'] as const

/** The question as a page of its own: for everybody without JavaScript, and behind the link on every page. */
export function formPage({ place, values, problems }: FormPage): Html {
  const field = { values, problems }
  return publicPage(
    {
      title: 'How satisfied were you with the service today?',
      ...frameOf(place),
      problems,
    },
    form(
      { action: `${place.base}/feedback`, classes: 'pg-ask' },
      html`${satisfactionQuestion({
        ...field,
        name: 'rating',
        legend: 'How satisfied were you with the service today?',
        isPageHeading: true,
        hint: `Everything here is optional.${place.isProduct ? '' : ' Your answer has no effect on your application.'}`,
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
          <a class="govuk-link" href="${place.home}">Skip</a>
        </div>`,
    ),
  )
}

/** The same words for everybody, whatever became of the answer. */
export function thanksPage({ place, reference }: { place: Place; reference: string | null }): Html {
  return publicPage(
    {
      title: 'Thank you',
      ...frameOf(place),
    },
    html`<h1 class="govuk-heading-xl">Thank you</h1>
      <p class="govuk-body-l">Your answer has reached the team. A person reads every comment.</p>
      ${
        reference &&
        html`<p class="govuk-body">
          Your reference number is <strong>${reference}</strong>. Give it if you write to us about this.
        </p>`
      }
      <p class="govuk-body"><a class="govuk-link" href="${place.home}">Back to the service</a></p>`,
  )
}

function frameOf({ name, home, phaseLabel, assets, example }: Place) {
  return { serviceName: name, serviceUrl: home, phaseLabel, base: assets, exampleData: example }
}
