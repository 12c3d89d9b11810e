import type { Problem } from '../../platform/index.ts'
import {
  button,
  codeBlock,
  form,
  html,
  input,
  radios,
  section,
  teamPage,
  type Html,
} from '../../platform/html/index.ts'

export interface NewServiceView {
  account: { name: string; role: string; href: string }
  problems: Problem[]
  values: Record<string, string>
}

export function newServicePage({ account, problems, values }: NewServiceView): Html {
  const fields = html`
    ${input({ name: 'name', label: 'What people call it', hint: 'Such as “Apply for a resident parking permit”', problems, values })}
    ${input({ name: 'newUrl', label: 'Address of the new service', hint: 'Where it answers today, such as https://new.example.org', type: 'url', problems, values })}
    ${radios({
      name: 'replaces',
      legend: 'Does it replace a service that people use today?',
      problems,
      values: { replaces: 'yes', ...values },
      items: [
        {
          value: 'yes',
          text: 'Yes',
          conditional: input({
            name: 'currentUrl',
            label: 'Address of the current service',
            type: 'url',
            problems,
            values,
          }),
        },
        { value: 'no', text: 'No', hint: 'People who are not in the beta see a holding page that says what this is' },
      ],
    })}
    ${input({ name: 'contact', label: 'Whom people can ask (optional)', hint: 'A phone number, an address or a page', problems, values })}
    ${button({ text: 'Add the service' })}`
  return teamPage(
    {
      title: 'Add your service',
      lede: 'Two addresses are enough. You mark the journey and invite people on the next page; no line of code is needed.',
      top: { account },
      navigation: [],
      problems,
    },
    html`${form({ action: '/services' }, fields)}
      ${section(
        { title: 'From the command line' },
        html`<p class="govuk-body">The same at the start:</p>
          ${codeBlock('npm start -- --current https://old.example --new https://new.example', { label: 'Command' })}`,
      )}`,
  )
}
