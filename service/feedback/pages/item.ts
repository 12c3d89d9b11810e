import {
  actions,
  box,
  button,
  checkboxes,
  chip,
  form,
  html,
  input,
  link,
  paragraph,
  radios,
  rating,
  section,
  select,
  split,
  summaryList,
  textarea,
  type Html,
} from '../../platform/html/index.ts'
import { longMomentWords, type Member, type Problem } from '../../platform/index.ts'
import type { Journey } from '../../services/index.ts'
import { armNames, kindNames, ratingNames, stateNames, type Feedback, type FeedbackState } from '../feedback.ts'
import { nextStates } from '../rules.ts'
import { endingName, stateTones } from './list.ts'

export interface ItemView {
  home: string
  timeZone: string
  item: Feedback
  journeys: Journey[]
  members: Member[]
  /** May this person decide about it (and so see the reply address)? */
  mayDecide: boolean
  values: Record<string, string>
  problems: Problem[]
}

const acts: Record<FeedbackState, { text: string; hint: string }> = {
  new: { text: 'New', hint: 'Nobody has read it yet' },
  read: { text: 'Read', hint: 'Somebody has read it; the decision is still to come' },
  answered: { text: 'Answered', hint: 'The person was told what we do about it' },
  closed: { text: 'Closed', hint: 'Decided, with nobody to tell' },
  spam: { text: 'Spam', hint: 'Kept apart. A rating that was counted stays counted' },
}

export function itemContent(view: ItemView): Html {
  return split('7-5', html`${said(view)}${view.mayDecide && decide(view)}`, about(view))
}

function said({ item }: ItemView): Html {
  const words =
    item.comment === null
      ? paragraph('No words, only an answer to the question.')
      : html`<blockquote class="pg-quote__text pg-quote__text--whole"><p>${item.comment}</p></blockquote>`
  return section(
    { title: 'What the person said', id: 'said' },
    box(html`${item.rating !== null && html`<p class="pg-quote__score">${rating(item.rating)}</p>`}${words}`),
  )
}

function about({ item, home, timeZone, journeys, mayDecide }: ItemView): Html {
  const at = (date: Date) => longMomentWords(date, timeZone)
  const row = (key: string, value: string | Html | null) => value !== null && { key, value }
  const channels = { widget: 'Question on the page', page: 'Feedback page', api: 'Sent by another system' }
  return section(
    { title: 'About this answer', id: 'about' },
    html`${summaryList({
      rows: [
        row('State', chip(stateNames[item.state], { tone: stateTones[item.state] })),
        row('Received', at(item.receivedAt)),
        row('Came by', channels[item.channel]),
        row('Service', item.arm === null ? 'Not known' : armNames[item.arm]),
        row('End point', endingName(journeys, item)),
        row('Page', item.page),
        row('Answer', item.rating === null ? null : ratingNames[item.rating]),
        row('Kind', item.kind === null ? null : kindNames[item.kind]),
        row('Access', item.accessibility ? 'About access' : null),
        row('Reply to', item.address === null ? null : mayDecide ? item.address : 'Given; shown to those who answer'),
        row('Looked after by', item.assignee?.name ?? 'Nobody yet'),
        row('Decision', item.decision),
        row(
          'Decided',
          item.decidedAt === null
            ? null
            : `${at(item.decidedAt)}${item.decidedBy === null ? '' : `, ${item.decidedBy}`}`,
        ),
        row(
          'Led to',
          item.link === null
            ? null
            : isAddress(item.link)
              ? html`<a class="govuk-link" href="${item.link}" rel="noreferrer">${item.link}</a>`
              : item.link,
        ),
        row('Held because', item.spamReasons.length === 0 ? null : item.spamReasons.join('. ')),
      ],
    })}
    ${link('All feedback', home)}`,
  )
}

function isAddress(text: string): boolean {
  return /^https?:\/\//.test(text) && URL.canParse(text)
}

/** FEED-7: nothing is preselected beyond what is so; a decision needs words. */
function decide({ item, home, members, values, problems }: ItemView): Html {
  const states = [item.state, ...nextStates(item.state)]
  const people = [...new Map(members.map((member) => [member.accountId, member])).values()]
  const field = { problems, values }
  return section(
    { title: 'What we do about it', id: 'decide' },
    box(
      form(
        { action: `${home}/${item.reference}` },
        html`${radios({
          problems,
          name: 'state',
          value: values.state ?? item.state,
          legend: { text: 'State', classes: 'govuk-fieldset__legend--s' },
          items: states.map((value) => ({ value, text: acts[value].text, hint: acts[value].hint })),
        })}
        ${textarea({
          ...field,
          name: 'decision',
          value: values.decision ?? item.decision ?? '',
          rows: 3,
          label: { text: 'Decision', classes: 'govuk-label--s' },
          hint: 'What changes because of it, or why nothing does. Needed for answered and closed',
        })}
        ${select({
          ...field,
          name: 'assignee',
          value: values.assignee ?? item.assignee?.id ?? '',
          label: { text: 'Looked after by', classes: 'govuk-label--s' },
          items: [
            { value: '', text: 'Nobody yet' },
            ...people.map(({ accountId, name }) => ({ value: accountId, text: name })),
          ],
        })}
        ${checkboxes({
          name: 'accessibility',
          chosen: (problems.length > 0 ? values.accessibility === 'yes' : item.accessibility) ? ['yes'] : [],
          legend: { text: 'Access', classes: 'govuk-fieldset__legend--s' },
          items: [
            {
              value: 'yes',
              text: 'It is about access',
              hint: 'Screen readers, keyboard, contrast and the like. While open, it disputes the accessibility criterion',
            },
          ],
        })}
        ${input({
          ...field,
          name: 'link',
          value: values.link ?? item.link ?? '',
          label: { text: 'What it led to', classes: 'govuk-label--s' },
          hint: 'A story, a defect or a page: its address or its name',
        })}
        ${actions(button({ text: 'Save', preventDoubleClick: true }), link('Cancel', home))}`,
      ),
    ),
  )
}
