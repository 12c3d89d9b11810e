import { ceilings } from '../../../packages/admission/src/index.ts'
import {
  box,
  button,
  chip,
  details,
  form,
  hidden,
  html,
  inlineForm,
  input,
  meta,
  section,
  whyList,
  type Html,
} from '../../platform/html/index.ts'
import { longDateWords, type Problem } from '../../platform/index.ts'
import { ceilingOf, elsewhereOf, phaseOf, type Service } from '../../services/index.ts'
import type { InvitationState } from '../admission.ts'
import { rungWords, sayShare, wayWords } from '../rules.ts'
import type { DoorView, PersonView } from '../team-view.ts'
import { erasurePart, type ErasureView } from './erasure-part.ts'

type WhyStep = Parameters<typeof whyList>[0][number]

interface PersonPart {
  service: Service
  view: DoorView
  person: PersonView | null
  rights: { maySeePeople: boolean }
  problems: Problem[]
  values: Record<string, string>
  home: string
  erasure: ErasureView | null
}

/** Who is this person: which rung decides, and what would change it. */
export function personSection(part: PersonPart): Html {
  const { person, rights, problems, values, home } = part
  const canRemove =
    rights.maySeePeople &&
    (person?.kind === 'known' || problems.some(({ field }) => field === 'person' || field === 'removalReason'))
  return section(
    { title: 'Why is this person in?', id: 'why' },
    box(html`${inlineForm(
      { action: `${home}#why`, method: 'get' },
      input({
        name: 'who',
        label: rights.maySeePeople ? 'Email address or reference' : 'Reference',
        value: person?.who ?? values.who ?? '',
        spellcheck: false,
        problems,
      }),
      button({ text: 'Look up', kind: 'secondary' }),
    )}
    ${person !== null && answer(part, person)}
    ${
      canRemove &&
      details(
        { summary: 'Remove this person', open: problems.length > 0 },
        form(
          { action: `${home}/removals` },
          html`${input({ name: 'person', label: 'Email address or reference', value: values.person ?? person?.who ?? '', problems, spellcheck: false })}
        ${input({ name: 'removalReason', label: 'Reason', problems, values })}
        ${button({ text: 'Remove from the beta', kind: 'warning' })}
        ${meta(`The person gets ${elsewhereOf(part.service)} with the next page. What was sent stays as it is.`)}`,
        ),
      )
    }
    ${rights.maySeePeople && erasurePart(part)}`),
  )
}

const stateWords: Record<InvitationState, string> = {
  sent: 'Open, not accepted yet',
  accepted: 'Accepted',
  expired: 'Ran out without being accepted',
  declined: 'The person said no',
  revoked: 'Withdrawn',
}

function answer(part: PersonPart, person: PersonView): Html {
  const { service } = part
  if (person.kind === 'unknown')
    return html`<p class="govuk-body">Nobody takes part or was invited under this address.</p>`
  if (person.kind === 'invited') {
    const { state, expiresAt } = person.invitation
    const until = state === 'sent' ? `, until ${longDateWords(expiresAt, service.timeZone)}` : ''
    return html`${whyList([
      { question: 'Invitation', answer: `${stateWords[state]}${until}` },
      { question: 'So', answer: html`${chip('Current service', { tone: 'quiet' })} until it is accepted` },
    ])}`
  }
  const { decision } = person
  const words = rungWords[decision.rung]
  return html`${whyList(stepsOf(part, person))}
  ${meta(`${words.says}. ${words.change}`)}
  ${meta(html`Reference <code>${person.unit}</code>, rule ADM-1, decided on version ${decision.rolloutVersion} of the rollout`)}
  ${person.devices.length > 0 && devicesOut(part, person.who)}
  ${person.devices.length > 0 && meta(html`On ${person.devices.length} of 5 devices: ${person.devices.map(({ name }) => name).join(', ')}`)}`
}

/** Passes of this person on other devices end; the link of the invitation lets the person go on. */
function devicesOut({ rights, home }: PersonPart, who: string): Html | false {
  return (
    rights.maySeePeople &&
    form(
      { action: `${home}/devices` },
      html`${hidden('person', who)}${button({ text: 'Sign all devices out', kind: 'secondary', classes: 'pg-button--small' })}`,
    )
  )
}

function stepsOf({ service, view }: PersonPart, person: Extract<PersonView, { kind: 'known' }>): WhyStep[] {
  const { decision, admission, drawnAt } = person
  const hit = (...rungs: readonly string[]): boolean => rungs.includes(decision.rung)
  const letIn =
    admission === null ? 'No' : `${wayWords[admission.rung]}, ${longDateWords(admission.at, service.timeZone)}`
  const { share } = view.rollout
  const ceiling = ceilingOf(service.phase)
  return [
    { question: 'Halted?', answer: view.halt === null ? 'No' : 'Yes', decided: hit('halt') },
    { question: 'Removed?', answer: hit('removed') ? 'Yes, by the team' : 'No', decided: hit('removed') },
    {
      question: 'Own choice?',
      answer: hit('choice') ? 'The current service' : 'None against the new one',
      decided: hit('choice'),
    },
    { question: 'Let in?', answer: letIn, decided: hit('preview', 'staff', 'invited', 'join', 'rules') },
    {
      question: 'Drawn?',
      answer: `Stands at ${drawnAt.toFixed(3)}% of the draw; the share is ${sayShare(share)}`,
      decided: hit('share'),
    },
    {
      question: 'Phase',
      answer: `${phaseOf(service).name}, ceiling ${ceilings.indexOf(ceiling) + 1} of 6 (${ceiling})`,
      decided: hit('ceiling', 'default'),
    },
    {
      question: 'So',
      answer:
        decision.variant === 'new' ? chip('New service', { tone: 'data' }) : chip('Current service', { tone: 'quiet' }),
    },
  ]
}
