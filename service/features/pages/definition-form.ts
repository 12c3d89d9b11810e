import type { Problem } from '../../platform/index.ts'
import {
  actions,
  button,
  checkboxes,
  details,
  form,
  hidden,
  html,
  input,
  link,
  radios,
  select,
  textarea,
  type Html,
} from '../../platform/html/index.ts'
import { flagKinds } from '../../../packages/admission/src/index.ts'
import { kindWords, type Feature } from '../feature.ts'
import { stages } from '../stages.ts'
import { variantTypes } from '../variants-text.ts'

export interface DefinitionView {
  action: string
  cancel: string
  /** Null where it is a new one. */
  feature: Feature | null
  others: Feature[]
  problems: Problem[]
  values: Record<string, string>
}

/** What is said of a feature: for a new one, and for one that is there. */
export function definitionForm({ action, cancel, feature, others, problems, values }: DefinitionView): Html {
  const shared = { problems, values }
  return form(
    { action },
    html`${feature !== null && hidden('version', values['version'] ?? feature.version)}
    ${feature === null && kindField(shared)}
    ${input({ name: 'name', label: 'Name', hint: 'As the company talks of it, such as “New inbox”', ...shared })}
    ${textarea({
      name: 'description',
      label: 'Description',
      hint: 'For people who are not engineers: what changes for whom when it is on. On means the new behaviour; off stops hidden logic too, not only what is seen.',
      rows: 4,
      ...shared,
    })}
    ${
      feature === null &&
      input({
        name: 'key',
        label: 'Key (optional)',
        hint: 'What the code asks for. It begins with the kind, such as release-new-inbox, and is made from kind and name where you leave it empty. It cannot be changed later.',
        spellcheck: false,
        ...shared,
      })
    }
    ${radios({
      name: 'appliesTo',
      legend: 'Who is it for?',
      items: [
        { value: 'new', text: 'People in the new service only' },
        { value: 'both', text: 'Everybody, in the new service or not' },
      ],
      ...shared,
    })}
    ${checkboxes({
      name: 'forClients',
      chosen: [values['forClients'] ?? ''],
      legend: 'Who may ask for it?',
      items: [
        {
          value: 'yes',
          text: 'Browsers and apps may ask for it, without a secret',
          hint: {
            text: 'Leave it unticked where only servers ask: then nobody outside learns that the feature exists',
          },
        },
      ],
      ...shared,
    })}
    ${feature === null && stagesField(shared)}
    ${details(
      { summary: 'Variants and requirements', open: problems.some(({ field }) => inside.has(field)) },
      html`${select({
        name: 'variantType',
        label: 'Type of its values',
        items: variantTypes.map(({ type, says }) => ({ value: type, text: says })),
        ...shared,
      })}
      ${textarea({
        name: 'variants',
        label: 'Variants',
        hint: 'One a line, name and value, such as: on = true. Objects as JSON: blue = { "colour": "blue" }',
        rows: 4,
        spellcheck: false,
        ...shared,
      })}
      ${input({ name: 'on', label: 'Variant for those who get the feature', ...shared })}
      ${input({ name: 'off', label: 'Variant for all others', ...shared })}
      ${input({
        name: 'requires',
        label: 'Requires (optional)',
        hint:
          others.length === 0
            ? 'Keys of other features of this service. There are none yet.'
            : `Keys of other features, with a comma between. Whoever does not get those does not get this one. There are: ${others.map(({ key }) => key).join(', ')}`,
        spellcheck: false,
        ...shared,
      })}`,
    )}
    ${actions(button({ text: feature === null ? 'Add the feature' : 'Save' }), link('Cancel', cancel))}`,
  )
}

const inside = new Set(['variants', 'on', 'off', 'requires', 'variantType'])

function kindField(shared: { problems: Problem[]; values: Record<string, string> }): Html {
  return radios({
    name: 'kind',
    legend: 'What kind of flag is it?',
    hint: 'The key begins with it, so that everybody who reads the code knows how long the flag lives and who switches it',
    items: flagKinds.map((kind) => ({
      value: kind,
      text: kindWords[kind].name,
      hint: { text: `${kindWords[kind].says}. Switched by ${kindWords[kind].switchedBy}.` },
    })),
    ...shared,
  })
}

/** FEAT-3: the beta is chosen, or left out for a reason. */
function stagesField(shared: { problems: Problem[]; values: Record<string, string> }): Html {
  return html`${checkboxes({
    name: 'stages',
    chosen: (shared.values['stages'] ?? '').split('\n'),
    legend: 'Which stages does it go through?',
    hint: 'For release flags. Internal release, public release and removal are there for every feature.',
    items: stages
      .filter(({ isCompulsory }) => !isCompulsory)
      .map(({ id, name, opensTo }) => ({ value: id, text: name, hint: { text: `Opens to ${opensTo.toLowerCase()}` } })),
    ...shared,
  })}
  ${input({ name: 'stagesReason', label: 'Why the beta release is left out (if it is)', ...shared })}`
}
