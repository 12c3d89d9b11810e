import type { TeamNavigationItem } from './html/index.ts'

const pages = [
  { id: 'services', text: 'Services', href: '/' },
  { id: 'accounts', text: 'Accounts', href: '/accounts' },
  { id: 'webhooks', text: 'Webhooks', href: '/webhooks' },
  { id: 'history', text: 'History', href: '/history' },
] as const

/** Stands below these pages. */
export const ownerFootnote = 'Every act here stands in the history, with who and when.'

/** What concerns the installation rather than one service: an owner's. */
export function ownerNavigation(active: (typeof pages)[number]['id']): TeamNavigationItem[] {
  return pages.map(({ id, text, href }) => ({ text, href, active: id === active }))
}
