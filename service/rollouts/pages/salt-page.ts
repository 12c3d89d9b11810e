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
  type Html,
} from '../../platform/html/index.ts'
import type { Problem } from '../../platform/index.ts'
import { sayShare } from '../../admission/index.ts'
import type { Service } from '../../services/index.ts'
import type { SaltEffectInPeople } from '../salt.ts'

interface SaltPage {
  service: Service
  effect: SaltEffectInPeople
  problems: Problem[]
  values: Record<string, string>
}

const number = (value: number): string => value.toLocaleString('en-GB')
const part = (value: number): string => `${Number((value * 100).toFixed(3))}%`

/** ADM-52: what a new salt does stands above the button, in people. */
export function saltContent({ service, effect, problems, values }: SaltPage): Html {
  const { share, stay, drawnOfOthers, changedWithoutPass, othersADay, drawnADay } = effect
  const others =
    othersADay === null || drawnADay === null
      ? `${part(drawnOfOthers)} of them; nobody was measured in the last week`
      : `About ${number(drawnADay)} of ${number(othersADay)} a day, ${part(drawnOfOthers)}`
  return html`${section(
    { title: 'What it does', id: 'effect' },
    box(html`${summaryList({
      rows: [
        { key: 'Share', value: sayShare(share) },
        {
          key: 'Drawn before, and stay in',
          value: stay === 1 ? '1 person, carried by name' : `${number(stay)} people, carried by name`,
        },
        { key: 'Get the current service today, and would get the new one', value: others },
        {
          key: 'Where an application decides without a pass',
          value: `${part(changedWithoutPass)} of its people change between the two, either way`,
        },
      ],
    })}
    ${meta(html`Who is carried stands in the ${link('ledger', `/services/${service.key}/admission/ledger?carried=yes`)}. Invitations, own choices, preview links and the team are not touched.`)}`),
  )}
  ${section(
    { title: 'Draw afresh', id: 'draw' },
    box(
      form(
        { action: `/services/${service.key}/plan/salt` },
        html`${warningText('It cannot be taken back: the old draw is forgotten. A comparison that runs begins anew.')}
          ${input({ name: 'saltReason', label: 'Reason', hint: 'Stands in the history beside your name', problems, values })}
          ${checkboxes({ name: 'sure', items: [{ value: 'yes', text: 'I have read what a new draw does' }], problems, values })}
          ${button({ text: 'Draw everybody else afresh', kind: 'warning', preventDoubleClick: true })}`,
      ),
    ),
  )}`
}
