import { button, html, inlineForm, link, section, stepList, teamPage, type Html } from '../../platform/html/index.ts'

export interface TourView {
  account: { name: string; role: string; href: string }
  /** Null when the example was removed. */
  example: { home: string; url: string; gate: string | null } | null
}

/** Five steps, about ten minutes: from being a visitor to halting. */
export function tourPage({ account, example }: TourView): Html {
  const frame = {
    title: 'A tour in five steps',
    lede: 'About ten minutes. Everything is real: the visitor is you, the figures are counted, the halt halts.',
    top: { account },
    navigation: [],
  }
  if (example === null) {
    return teamPage(
      frame,
      html`<p class="govuk-body">The example has been removed, and the tour with it. ${link('Your services', '/')}</p>`,
    )
  }
  const { home, url, gate } = example
  return teamPage(
    frame,
    html`${section(
      { title: '1. Be the visitor' },
      html`<p class="govuk-body">Open ${link('the service', url)} as anybody would: you get the current one. Then ${link('invite yourself', `${home}/admission`)} with any address, read the invitation among ${link('the mails', '/mails')}, accept it, and you are in the new one.</p>
        <p class="govuk-body">Go through it, answer the question at the end, and try “Use the current service instead”.</p>`,
    )}
    ${section(
      { title: '2. Be the manager' },
      html`<p class="govuk-body">Keep ${link('the service’s page', home)} open in a second window: what you did shows there within a second. Send a few more people:</p>
        ${inlineForm({ action: `${home}/visitors` }, button({ text: 'Send 50 visitors', kind: 'secondary' }))}
        <p class="govuk-body">Who is in? Is the new service better than the old one, and how sure is that?</p>`,
    )}
    ${section(
      { title: '3. Disagree with the data' },
      html`<p class="govuk-body">At ${link('the gate', gate ?? `${home}/gate`)}, what the data says and what the team says stand side by side. One criterion is clear of its target, and the team says “not met”. Read why, and decide again if you see it differently. Data never changes a verdict: people do.</p>`,
    )}
    ${section(
      { title: '4. Open the gate' },
      html`<p class="govuk-body">Give the verdicts that are missing, sign, and move the service to public beta with a first share of 10%. Try it too early: the gate says what is missing.</p>`,
    )}
    ${section(
      { title: '5. Halt' },
      html`<p class="govuk-body">Press “Halt” at the top of any page of the service. Look at ${link('the service', url)}: everybody is in the current one, at once. Then open it again. ${link('The history', `${home}/history`)} has it all, with who, when and why.</p>`,
    )}
    ${section(
      { title: 'Then your own', lede: 'When you have seen enough, put your own two addresses behind the gateway.' },
      stepList([
        { title: 'Add your service', href: '/services/new', text: 'Two addresses, no code' },
        { title: 'Remove the example', href: `${home}/settings`, text: 'One button, at the foot of its settings' },
      ]),
    )}`,
  )
}
