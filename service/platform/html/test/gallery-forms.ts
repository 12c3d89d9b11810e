import * as ui from '../index.ts'
import { html, type Html } from '../index.ts'
import { frame } from './gallery.ts'

const problems = [
  { field: 'emails', message: 'Enter at least one email address, like name@example.org' },
  { field: 'cohort', message: 'Choose the group they belong to' },
  { field: 'cap', message: 'The cap must be a number, like 500' },
]

export const formPage = (): Html =>
  ui.teamPage(
    frame('Invite people', 'Who gets in', { problems, eyebrow: ui.link('Who gets in', '/who-gets-in') }),
    ui.form({ action: '/invite', multipart: true }, [
      ui.characterCount({
        name: 'emails',
        label: 'Email addresses',
        hint: 'One in a line',
        maxlength: 2000,
        problems,
        values: { emails: '' },
      }),
      ui.radios({
        name: 'cohort',
        legend: 'Which group are they?',
        problems,
        values: {},
        items: [
          { value: 'first', text: 'First fifty' },
          { value: 'list', text: 'Waiting list', hint: 'Drawn by lot' },
          { divider: 'or' },
          {
            value: 'new',
            text: 'A new group',
            conditional: ui.input({ name: 'new-cohort', label: 'Name of the group' }),
          },
        ],
      }),
      ui.checkboxes({
        name: 'options',
        legend: 'And',
        values: { options: ['remind'] },
        items: [
          { value: 'remind', text: 'Remind them after a week' },
          {
            value: 'over',
            text: 'Invite more people than there are places',
            hint: 'The mail then says that places are limited',
          },
        ],
      }),
      ui.select({
        name: 'language',
        label: 'Language of the mail',
        value: 'cy',
        items: [
          { value: 'en', text: 'English' },
          { value: 'cy', text: 'Cymraeg' },
        ],
      }),
      ui.fileUpload({ name: 'file', label: 'Or a file with one address in a line', hint: 'CSV, at most 5 MB' }),
      ui.inline(
        ui.input({
          name: 'cap',
          label: 'Cap',
          problems,
          values: { cap: 'many' },
          suffix: 'people',
          inputmode: 'numeric',
          classes: 'govuk-input--width-5',
        }),
        ui.button({ text: 'Set cap', kind: 'secondary' }),
      ),
      ui.shareSlider({
        name: 'share',
        exactName: 'share-exact',
        legend: 'Which share of everyone gets the new service?',
        hint: 'Now 10%. A larger share only adds people.',
        value: 10,
        stops: [0, 1, 5, 10, 25, 50, 100].map((percent) => ({ percent, note: `about ${percent * 9} a day` })),
      }),
      ui.details({ summary: 'What will the mail say?' }, ui.paragraph('We’re building a new version.')),
      ui.actions(
        ui.button({ text: 'See what changes' }),
        ui.button({ text: 'Revoke all', kind: 'warning' }),
        ui.link('Cancel', '/who-gets-in'),
      ),
    ]),
  )

const publicFrame = (title: string): ui.PublicPageOptions => ({
  title,
  serviceName: 'Apply for a resident parking permit',
  serviceUrl: '/',
  owner: 'Example Council',
  phaseLabel: 'Private beta',
  phaseText: 'This is a new service, open by invitation.',
  base: '',
  footer: [
    { text: 'Accessibility', href: '/accessibility' },
    { text: 'Privacy', href: '/privacy' },
  ],
})

export const invitationPage = (): Html =>
  ui.publicPage(
    { ...publicFrame('Try the new way to apply for a resident parking permit'), stripUrl: '/opened' },
    html`<p class="pg-eyebrow">Your invitation, until 4 December 2026</p>
      <h1 class="govuk-heading-xl">Try the new way to apply for a resident parking permit</h1>
      <p class="govuk-body-l">
        We’re building a new version and would like you to use it before everyone else does. You’ll get a real permit.
      </p>
      ${ui.form({ action: '/accept', classes: 'pg-accept' }, [ui.button({ text: 'Take part' }), ui.link('Use the current service instead', '/current')])}
      <h2 class="govuk-heading-m">What a private beta is</h2>
      <p class="govuk-body">
        A service that works, with up to 500 invited people, so that we find out what doesn’t. If something breaks you
        may have to start again; anything you have sent is safe.
      </p>
      <h2 class="govuk-heading-m">You decide, any time</h2>
      ${ui.bullets('Go back to the current service from any page. We remember that choice.', 'Say what you think, or don’t. Every question is optional.', 'Taking part has no effect on whether you get a permit.')}
      <h2 class="govuk-heading-m">What happens with your data</h2>
      ${ui.summaryList({
        rows: [
          { key: 'Your application', value: 'Treated exactly as in the current service' },
          { key: 'That you take part', value: 'One cookie, so that you stay in. Gone after 90 days' },
        ],
      })}`,
  )

export const satisfactionPage = (): Html => {
  const wrong = [{ field: 'satisfaction', message: 'Choose an answer, or skip the question' }]
  return ui.publicPage(
    { ...publicFrame('How satisfied were you with the service today?'), problems: wrong },
    ui.form({ action: '/feedback', classes: 'pg-ask' }, [
      ui.satisfactionQuestion({
        name: 'satisfaction',
        legend: 'How satisfied were you with the service today?',
        isPageHeading: true,
        hint: 'Two questions, both optional. Your answer has no effect on your permit.',
        problems: wrong,
      }),
      ui.textarea({
        name: 'text',
        label: { text: 'What should we change or keep?', classes: 'govuk-label--m' },
        hint: 'Leave out names, addresses and number plates',
      }),
      html`<div class="pg-accept">${ui.button({ text: 'Send' })}${ui.link('Skip', '/skip')}</div>`,
    ]),
  )
}

export const missingPage = (): Html =>
  ui.publicPage({ ...publicFrame('Page not found') }, html`<h1 class="govuk-heading-xl">Page not found</h1>`)
