import { doorAttributes } from '../../../packages/admission/src/index.ts'
import { rulesTable } from '../../features/index.ts'
import {
  actions,
  box,
  button,
  dataTable,
  emptyState,
  html,
  paragraph,
  section,
  type Html,
} from '../../platform/html/index.ts'
import { ceilingOf, type Service } from '../../services/index.ts'
import { homeOf, phaseWith } from '../pages/door-parts.ts'
import { countsAt } from '../rules.ts'
import type { RuleSet } from './store.ts'

export interface RuleConflict {
  by: string
  stored: string
  yours: string
}

interface RulesView {
  service: Service
  set: RuleSet
  mayChange: boolean
}

export function rulesContent({ service, set: { rules }, mayChange }: RulesView): Html {
  const formAt = `${homeOf(service)}/rules/rule`
  const add = mayChange && actions(button({ text: 'Add a rule', href: formAt, kind: 'secondary' }))
  const isShut = !countsAt(ceilingOf(service.phase), 'rules')
  return html`${section(
    {
      title: 'Rules',
      id: 'rules',
      lede: isShut
        ? `Rules let nobody in yet: they count from ${phaseWith('open')} on. You can prepare them.`
        : 'Whoever a rule let in stays in, also when the rule is changed or removed.',
    },
    rules.length === 0
      ? emptyState({
          title: 'No rule yet',
          text: 'Let people in by region, plan, device, version, date or network.',
          action: add,
        })
      : html`${box(rulesTable(rules, { formAt: mayChange ? formAt : null, on: null }), { flush: true })} ${add}`,
  )}
  ${doorsSection(service)}`
}

/** Which attributes are known where: a rule on one that a door does not know lets nobody in at that door. */
export function doorsSection({ door }: Pick<Service, 'door'>): Html {
  const name = door === 'link' ? 'link' : 'gateway'
  return section(
    { title: 'Which attributes are known where', id: 'attributes' },
    box(html`${paragraph(
      `The ${name} knows the attributes below and no others. A rule that asks for another one, such as country or plan, lets nobody in there.`,
    )}
    ${dataTable({
      caption: `Known to the ${name}`,
      head: [{ text: 'Attribute' }, { text: 'What it is', wide: true }],
      rows: Object.entries(doorAttributes).map(([attribute, says]) => [html`<code>${attribute}</code>`, says]),
    })}
    ${paragraph(
      'An application that asks by OFREP or decides in process is told what it sends itself, whatever its names: region, plan, version. Of the attributes above it knows only those that it sends.',
    )}
    ${paragraph(
      'Attributes are what a browser or an application says. They let nobody in where only invited people may come in.',
    )}`),
  )
}

/** Nothing was stored; both versions stand beside each other. */
export function bothVersions({ stored, yours }: RuleConflict): Html {
  return section(
    {
      title: 'Both versions',
      id: 'conflict',
      lede: 'What you sent was not stored.',
    },
    box(
      dataTable({
        caption: 'What is stored now, and what you sent',
        hideCaption: true,
        head: [{ text: 'What' }, { text: 'Stored now' }, { text: 'Yours' }],
        rows: [['The rule', stored, yours]],
      }),
    ),
  )
}
