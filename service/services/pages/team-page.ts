import { dateWords, roleNames, serviceRoles, type Member, type Problem } from '../../platform/index.ts'
import { button, dataTable, html, input, select, type Html } from '../../platform/html/index.ts'

export interface TeamView {
  members: Member[]
  mayManage: boolean
  /** The service standard asks for them; a product has no gate that does (GATE-25). */
  asksSkills: boolean
  home: string
  timeZone: string
  problems: Problem[]
  values: Record<string, string>
}

export function teamContent(view: TeamView): Html {
  const { members, mayManage, asksSkills, home, timeZone } = view
  return html`<section class="pg-panel" id="team" data-live-region>
      ${dataTable({
        caption: 'Who has which role',
        hideCaption: true,
        head: [
          { text: 'Name' },
          { text: 'Role' },
          { text: 'Since' },
          ...(mayManage ? [{ text: 'Change', hidden: true }] : []),
        ],
        rows: members.map((member) => [
          html`<b>${member.name}</b><br /><span class="pg-meta">${member.email}</span>`,
          html`${roleNames[member.role]}${asksSkills && member.role === 'service-manager' && html`<span class="pg-sub">Skills: ${member.skills === '' ? 'not on record yet' : member.skills}</span>`}`,
          dateWords(member.since, timeZone),
          ...(mayManage ? [change(member, home)] : []),
        ]),
      })}
    </section>
    ${mayManage && addForm(view)}`
}

function change(member: Member, home: string): Html {
  if (member.role === 'service-manager') return html`<span class="pg-meta">Hand over to change</span>`
  return html`<form method="post" action="${home}/team/remove">
    <input type="hidden" name="accountId" value="${member.accountId}" /><input
      type="hidden"
      name="role"
      value="${member.role}"
    />
    ${button({ text: html`Remove<span class="govuk-visually-hidden"> ${member.name} as ${roleNames[member.role]}</span>`, kind: 'secondary' })}
  </form>`
}

function addForm({ home, asksSkills, problems, values }: TeamView): Html {
  const roles = serviceRoles.filter((role) => role !== 'service-manager')
  return html`<section class="pg-panel">
      <h2 class="govuk-heading-m">Add a colleague</h2>
      <form method="post" action="${home}/team" novalidate>
        ${input({ name: 'name', label: 'Name', autocomplete: 'off', problems, values })}
        ${input({ name: 'email', label: 'Email address', hint: 'Gets a link that works once', type: 'email', autocomplete: 'off', problems, values })}
        ${select({ name: 'role', label: 'Role', items: roles.map((role) => ({ value: role, text: roleNames[role] })), problems, values })}
        ${button({ text: 'Add to the team' })}
      </form>
    </section>
    ${
      asksSkills &&
      html`<section class="pg-panel">
        <h2 class="govuk-heading-m">Skills of the service manager</h2>
        <form method="post" action="${home}/team/skills" novalidate>
          ${input({ name: 'skills', label: 'What shows that the person is suitably skilled', hint: 'Training, experience, or a link to either', problems, values })}
          ${button({ text: 'Record the skills', kind: 'secondary' })}
        </form>
      </section>`
    }
    <section class="pg-panel">
      <h2 class="govuk-heading-m">Hand the service over</h2>
      <p class="govuk-body">
        There is exactly one service manager, who answers for the service. You stay in the team as product or delivery
        manager.
      </p>
      <form method="post" action="${home}/team/hand-over" novalidate>
        ${input({ name: 'manager', label: 'Email address of the next service manager', type: 'email', autocomplete: 'off', problems, values })}
        ${button({ text: 'Hand over', kind: 'secondary' })}
      </form>
    </section>`
}
