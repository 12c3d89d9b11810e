import type { Problem } from '../../platform/index.ts'
import {
  actions,
  box,
  button,
  chip,
  details,
  emptyState,
  form,
  hidden,
  html,
  inlineForm,
  input,
  insetText,
  link,
  paragraph,
  section,
  textarea,
  type Html,
  type Tone,
} from '../../platform/html/index.ts'
import type { Message, Place, Testimonial, TestimonialState } from '../room.ts'
import { toTakeDown } from '../rules.ts'
import { dayOf, roomHome } from './room-page.ts'

export interface TestimonialsPage {
  place: Place
  testimonials: Testimonial[]
  /** What somebody is to be asked about. */
  message: Message | null
  mayWrite: boolean
  /** The one whose form was refused; null where it was the form to ask by. */
  refused: string | null
  problems: Problem[]
  values: Record<string, string>
}

export function testimonialsContent(page: TestimonialsPage): Html {
  const { testimonials, message, mayWrite } = page
  const isAsking = message !== null && mayWrite
  if (testimonials.length === 0 && !isAsking)
    return emptyState({
      title: 'Nobody was asked yet',
      text: html`In the ${link('beta room', `${roomHome(page.place)}/room`)}, choose “Ask to quote” beside what a tester wrote; it stands beside those whom a mail can reach. The person decides about the exact words.`,
      level: 2,
    })
  return html`${isAsking && askSection(page, message)}
  ${
    testimonials.length > 0 &&
    section(
      { title: 'Words that people allow us to use', id: 'words', hideTitle: true },
      html`<ol class="pg-thread">${testimonials.map((each) => item(page, each))}</ol>`,
    )
  }`
}

function askSection({ place, problems, values }: TestimonialsPage, message: Message): Html {
  const shown = 'wording' in values ? values : { wording: message.text.slice(0, 1000) }
  return section(
    {
      title: `Ask ${message.by}`,
      id: 'ask',
      lede: 'The person gets a mail with exactly these words, and says yes or no by a link.',
    },
    box(html`${insetText({ text: html`<span class="pg-msg__text">${message.text}</span>` })}
    ${form(
      { action: `${roomHome(place)}/testimonials` },
      html`${hidden('message', message.id)}
      ${textarea({ name: 'wording', label: 'The exact words that you want to use', hint: 'Shorten them if you like. Whatever you change, the person has to agree to it', rows: 4, problems, values: shown })}
      ${button({ text: 'Ask' })}`,
    )}`),
  )
}

const states: Record<TestimonialState, { words: string; tone: Tone }> = {
  asked: { words: 'Asked', tone: 'watch' },
  approved: { words: 'May be used', tone: 'met' },
  declined: { words: 'Declined', tone: 'quiet' },
  withdrawn: { words: 'Withdrawn', tone: 'stop' },
}

function item(page: TestimonialsPage, testimonial: Testimonial): Html {
  const { place, mayWrite } = page
  const { id, wording, signedAs, state, askedAt, askedBy, decidedAt, withdrawnBy, withdrawnBecause, uses } = testimonial
  const { timeZone } = place.service
  const home = `${roomHome(place)}/testimonials/${id}`
  const left = toTakeDown(testimonial)
  const { words, tone } = states[state]
  return html`<li class="pg-thread__item" id="t-${id}">
    <p class="pg-meta">${chip(words, { tone })} asked by ${askedBy}, ${dayOf(askedAt, timeZone)}${decidedAt !== null && html`; decided ${dayOf(decidedAt, timeZone)}`}</p>
    <p class="pg-msg__text">“${wording}”</p>
    ${state === 'approved' && html`<p class="pg-meta">${signedAs ?? 'No name stands with it'}</p>`}
    ${withdrawnBy !== null && html`<p class="pg-meta">${withdrawnBy === 'person' ? 'The person took it back' : `The team withdrew it: ${withdrawnBecause ?? ''}`}</p>`}
    ${left.length > 0 && html`<p class="govuk-body"><b>Take these words down: nobody may use them any more.</b></p>`}
    ${
      uses.length > 0 &&
      html`<ul class="pg-ticks">
        ${uses.map(
          ({ id: useId, place: where, takenDownAt }) =>
            html`<li>
              ${where}
              ${
                takenDownAt === null
                  ? mayWrite &&
                    inlineForm(
                      { action: `${home}/uses/${useId}/taken-down` },
                      button({
                        text: html`Taken down<span class="govuk-visually-hidden"> from ${where}</span>`,
                        kind: 'secondary',
                        classes: 'pg-button--small',
                      }),
                    )
                  : html`<span class="pg-sub-i">taken down ${dayOf(takenDownAt, timeZone)}</span>`
              }
            </li>`,
        )}
      </ul>`
    }
    ${mayWrite && (state === 'approved' || state === 'asked') && actsOf(page, home, testimonial)}
  </li>`
}

function actsOf(
  { refused, problems, values }: TestimonialsPage,
  home: string,
  { id, wording, state }: Testimonial,
): Html {
  const typed = refused === id ? { problems, values } : {}
  const isWrong = (name: string): boolean => refused === id && problems.some(({ field }) => field === name)
  const which = html`<span class="govuk-visually-hidden">: “${wording.slice(0, 60)}”</span>`
  const use =
    state === 'approved' &&
    details(
      { summary: html`Note where it stands${which}`, open: isWrong('place') },
      form(
        { action: `${home}/uses` },
        html`${input({ name: 'place', id: `place-${id}`, label: 'Where do these words stand?', hint: 'Such as “Start page, from 3 December”', ...typed })} ${button({ text: html`Note it${which}`, kind: 'secondary' })}`,
      ),
    )
  const withdraw = details(
    { summary: html`Withdraw it${which}`, open: isWrong('because') },
    form(
      { action: `${home}/withdraw` },
      html`${paragraph('Nobody may use these words after that.')} ${input({ name: 'because', id: `because-${id}`, label: 'Why?', ...typed })} ${button({ text: html`Withdraw it${which}`, kind: 'warning' })}`,
    ),
  )
  return actions(use, withdraw)
}
