import {
  button,
  checkboxes,
  form,
  html,
  input,
  radios,
  summaryList,
  textarea,
  type Html,
} from '../../../platform/html/index.ts'
import { longDateWords, type Problem } from '../../../platform/index.ts'
import { offerOf } from '../../offer.ts'
import { backHome, edgePage, type PublicView } from '../../pages/public.ts'
import { fieldOf, optionsOf } from '../rules.ts'
import { longestAnswer, requestDays, type Answers, type Question, type Waiting } from '../waitlist.ts'

interface Typed {
  problems: readonly Problem[]
  email: string
  answers: Answers
}

/** Ask for a place: the address, and what the team wants to know. */
export function applyPage(view: PublicView, questions: readonly Question[], typed: Typed): Html {
  const plain = questions.filter(({ special }) => !special)
  const special = questions.filter((question) => question.special)
  return edgePage(
    view,
    'Ask for a place in the beta',
    html`<h1 class="govuk-heading-xl">Ask for a place in the beta</h1>
      <p class="govuk-body-l">We let people in a few at a time. When there is a place for you we send you an invitation by mail.</p>
      ${form(
        { action: `${view.base}/waiting` },
        html`${input({
          name: 'email',
          type: 'email',
          autocomplete: 'email',
          spellcheck: false,
          label: 'Email address',
          hint: 'We send a mail to it now, to see that it is yours, and later the invitation. Nothing else',
          problems: typed.problems,
          value: typed.email,
        })}
          ${plain.map((question) => questionField(question, typed))} ${special.length > 0 && specialPart(special, typed)}
          ${button({ text: 'Ask for a place', preventDoubleClick: true })}`,
      )}
      <p class="govuk-body">You can take yourself off the list at any time, by the link in that mail. Then your answers are deleted.</p>
      ${backHome(view)}`,
    { problems: typed.problems },
  )
}

/** ADM-42: apart from the rest, never needed, and only with a yes to this very use. */
function specialPart(questions: readonly Question[], typed: Typed): Html {
  return html`<h2 class="govuk-heading-m">About you, if you want to say</h2>
    <p class="govuk-body">
      We ask so that people of every kind take part. Nothing here decides against you, and you can leave it all empty. Your
      answers are kept apart from the others, are only counted, and go when you leave the list.
    </p>
    ${questions.map((question) => questionField(question, typed))}
    ${checkboxes({
      name: 'agreed',
      items: [
        {
          value: 'yes',
          text: 'I agree that my answers under “About you” are used to invite a fair mix of people',
        },
      ],
      chosen: typed.answers['agreed'] ?? [],
      problems: typed.problems,
    })}`
}

function questionField(question: Question, { problems, answers }: Typed): Html {
  const { id, kind, required, special } = question
  const name = fieldOf(question)
  const given = answers[id] ?? []
  const text = required || special ? question.question : `${question.question} (optional)`
  const hint = question.hint === '' ? {} : { hint: question.hint }
  if (kind === 'text') {
    const field = { name, label: text, ...hint, problems, value: given.join('\n') }
    return textarea({ ...field, rows: 3, attributes: { maxlength: String(longestAnswer) } })
  }
  const items = optionsOf(question).map((option) => ({ value: option, text: option }))
  const legend = { text, classes: 'govuk-fieldset__legend--s' }
  if (kind === 'choices') return checkboxes({ name, legend, ...hint, items, chosen: given, problems })
  const classes = kind === 'yes-no' ? { classes: 'govuk-radios--inline' } : {}
  return radios({ name, legend, ...hint, items, value: given[0] ?? '', problems, ...classes })
}

/** ADM-40: the same words whether or not the address was known. */
export function appliedPage(view: PublicView): Html {
  return edgePage(
    view,
    'Look into your mail',
    html`<h1 class="govuk-heading-xl">Look into your mail</h1>
      <p class="govuk-body-l">We have sent you a mail with a link. Open it within ${requestDays} days and confirm that the address is yours: then you are on the list.</p>
      <p class="govuk-body">It can take a few minutes. If nothing comes, look among unwanted mail, or ask again with the address spelled as you read it here.</p>
      ${backHome(view)}`,
  )
}

interface Place {
  token: string
  questions: readonly Question[]
  answers: Answers
}

export function confirmPage(view: PublicView, { token, questions, answers }: Place): Html {
  return edgePage(
    view,
    'Confirm that you want a place',
    html`<h1 class="govuk-heading-xl">Confirm that you want a place</h1>
      <p class="govuk-body-l">You are one click away from the list of those who want to try ${offerOf(view).thing}.</p>
      ${form({ action: `${view.base}/waiting/${token}/confirm`, classes: 'pg-accept' }, button({ text: 'Confirm', preventDoubleClick: true }))}
      ${answerList(questions, answers)}
      <h2 class="govuk-heading-m">It was not you?</h2>
      <p class="govuk-body">Close this page. Without the confirmation the address is deleted after ${requestDays} days.</p>`,
    { stripUrl: `${view.base}/waiting` },
  )
}

export function placePage(view: PublicView, { token, questions, answers, place }: Place & { place: Waiting }): Html {
  const { title, text } = stateWords(place, view)
  const isOn = place.state === 'applied' || place.state === 'invited'
  return edgePage(
    view,
    title,
    html`<h1 class="govuk-heading-xl">${title}</h1>
      <p class="govuk-body-l">${text}</p>
      ${isOn && answerList(questions, answers)}
      ${
        isOn &&
        html`<h2 class="govuk-heading-m">Changed your mind?</h2>
          <p class="govuk-body">Leave the list at any time: your answers are deleted at once, and we do not write to you again.</p>
          ${form({ action: `${view.base}/waiting/${token}/withdraw` }, button({ text: 'Leave the list', kind: 'secondary' }))}`
      }
      ${!isOn && place.state === 'declined' && html`<p class="govuk-body"><a class="govuk-link" href="${view.base}/waiting">Ask for a place again</a></p>`}
      ${backHome(view)}`,
    { stripUrl: `${view.base}/waiting` },
  )
}

function stateWords({ state, at, invitedAt }: Waiting, view: PublicView): { title: string; text: string } {
  const on = (moment: Date | null): string =>
    moment === null ? 'lately' : `on ${longDateWords(moment, view.timeZone)}`
  if (state === 'active')
    return { title: 'You take part', text: 'You are in the beta. Go to the service to use the new version.' }
  if (state === 'invited')
    return {
      title: 'You are invited',
      text: `We sent you an invitation ${on(invitedAt)}. Look for that mail: its link lets you in.`,
    }
  if (state === 'declined')
    return { title: 'You are not on the list', text: 'Your answers are deleted, and we do not write to you.' }
  return {
    title: 'You are on the list',
    text: `You asked for a place ${on(at)}. When there is one, we write to you. Until then the service goes on as before.`,
  }
}

function answerList(questions: readonly Question[], answers: Answers): Html | false {
  const rows = questions.flatMap(({ id, question }) => {
    const given = answers[id]
    return given === undefined ? [] : [{ key: question, value: given.join(', ') }]
  })
  return rows.length > 0 && html`<h2 class="govuk-heading-m">What you told us</h2>${summaryList({ rows })}`
}
