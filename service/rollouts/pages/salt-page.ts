import {
  box,
  button,
  checkboxes,
  form,
  html,
  input,
  link,
  meta,
  section,
  summaryList,
  warningText,
  type Content,
  type Html,
} from '../../platform/html/index.ts'
import type { Problem } from '../../platform/index.ts'
import { sayShare } from '../../admission/index.ts'
import type { Service } from '../../services/index.ts'
import type { SaltEffectInPeople } from '../salt.ts'
import { homeOf, type Subject } from '../subject.ts'

interface SaltPage {
  subject: Subject
  effect: SaltEffectInPeople
  problems: Problem[]
  values: Record<string, string>
}

const number = (value: number): string => value.toLocaleString('en-GB')
const part = (value: number): string => `${Number((value * 100).toFixed(3))}%`

/** ADM-52, FEAT-21: what a new salt does stands above the button, in people. */
export function saltContent({ subject, effect, problems, values }: SaltPage): Html {
  const { share, stay } = effect
  const words = subject.feature === null ? wordsOfService(subject.service, effect) : wordsOfFeature(effect)
  return html`${section(
    { title: 'What it does', id: 'effect' },
    box(html`${summaryList({
      rows: [
        { key: 'Share', value: sayShare(share) },
        {
          key: words.stay,
          value: stay === 1 ? '1 person, kept in by name' : `${number(stay)} people, kept in by name`,
        },
        { key: words.others, value: words.drawn },
        { key: words.unnamed, value: words.changed },
      ],
    })}
    ${meta(words.untouched)}`),
  )}
  ${section(
    { title: 'Draw afresh', id: 'draw' },
    box(
      form(
        { action: `${homeOf(subject)}/salt` },
        html`${warningText(`It cannot be taken back: the old draw is forgotten.${words.comparison}`)}
          ${input({ name: 'saltReason', label: 'Reason', hint: 'Stands in the history beside your name', problems, values })}
          ${checkboxes({ name: 'sure', items: [{ value: 'yes', text: 'I have read what a new draw does' }], problems, values })}
          ${button({ text: 'Draw everybody else afresh', kind: 'warning', preventDoubleClick: true })}`,
      ),
    ),
  )}`
}

interface Words {
  stay: string
  others: string
  drawn: string
  /** Who cannot be kept in, since nobody knows them by name. */
  unnamed: string
  changed: string
  untouched: Content
  comparison: string
}

function wordsOfService(
  { key }: Service,
  { drawnOfOthers, changedWithoutPass, othersADay, drawnADay }: SaltEffectInPeople,
): Words {
  return {
    stay: 'Drawn before, and stay in',
    others: 'Do not get the new service today, and would then',
    drawn:
      othersADay === null || drawnADay === null
        ? `${part(drawnOfOthers)} of them; nobody was measured in the last week`
        : `About ${number(drawnADay)} of ${number(othersADay)} a day, ${part(drawnOfOthers)}`,
    unnamed: 'Where an application decides without a pass',
    changed: `${part(changedWithoutPass)} of its people change between the two, either way`,
    untouched: html`Who is kept in by name stands in the ${link('ledger', `/services/${key}/admission/ledger?carried=yes`)}. Invitations, own choices, preview links and the team are not touched.`,
    comparison: ' A comparison that runs begins anew.',
  }
}

function wordsOfFeature({ drawnOfOthers, changedWithoutPass }: SaltEffectInPeople): Words {
  return {
    stay: 'Have it by the share, and keep it',
    others: 'Do not have it today, and would get it',
    drawn: `${part(drawnOfOthers)} of them`,
    unnamed: 'Whom the ledger of the service does not know',
    changed: `${part(changedWithoutPass)} of them change, either way: they have it today and lose it, or get it`,
    untouched: 'Removals, own choices, preview links, cohorts and rules are not touched.',
    comparison: '',
  }
}
