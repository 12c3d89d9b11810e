import type { ErasureView } from './erasure-part.ts'
import { button, html, link, type Html } from '../../platform/html/index.ts'
import type { Problem } from '../../platform/index.ts'
import { findPhase, type Service } from '../../services/index.ts'
import type { InvitationResult } from '../invitations/inviting.ts'
import type { DoorView, PersonView } from '../team-view.ts'

export interface DoorPage {
  service: Service
  view: DoorView
  person: PersonView | null
  rights: { mayInvite: boolean; mayShare: boolean; maySeePeople: boolean; mayEnter: boolean }
  problems: Problem[]
  values: Record<string, string>
  results: InvitationResult[] | null
  previewLink: string | null
  erasure: ErasureView | null
  /** In development the mails are a page. */
  hasMailPage: boolean
}

export const number = (value: number): string => value.toLocaleString('en-GB')
export const people = (count: number): string => (count === 1 ? '1 person' : `${number(count)} people`)

export function homeOf(service: Service): string {
  return `/services/${service.key}/admission`
}

/** The name of the first phase that opens so far, as the playbook has it. */
export function phaseWith(ceiling: 'everyone' | 'open' | 'invited' | 'staff' | 'preview'): string {
  const names = {
    everyone: 'live',
    open: 'public-beta',
    invited: 'private-beta',
    staff: 'private-beta',
    preview: 'prototyping',
  }
  return findPhase(names[ceiling])?.name.toLowerCase() ?? 'a later phase'
}

/** Above the title of a page that belongs to “Who gets in”. */
export function wayBack(service: Service): Html {
  return link('Who gets in', homeOf(service))
}

export function smallButton(words: string, whom: string): Html {
  return button({
    text: html`${words}<span class="govuk-visually-hidden"> ${whom}</span>`,
    kind: 'secondary',
    classes: 'pg-button--small',
    preventDoubleClick: true,
  })
}
