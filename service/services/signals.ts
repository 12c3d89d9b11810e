import { membersOf, type Signal } from '../platform/index.ts'

export const servicesSignals: Signal[] = [
  {
    id: 'services.service-manager-count',
    unit: 'count',
    says: 'accountable service managers',
    one: 'accountable service manager',
    async read(db, service, window) {
      const managers = (await membersOf(db, service.id)).filter(({ role }) => role === 'service-manager')
      return { kind: 'value', value: managers.length, n: null, asOf: window.to, href: `/services/${service.key}/team` }
    },
  },
  {
    id: 'services.team-roles-filled',
    unit: 'count',
    says: 'different roles filled in the team',
    one: 'role filled in the team',
    async read(db, service, window) {
      const roles = new Set((await membersOf(db, service.id)).map(({ role }) => role))
      return { kind: 'value', value: roles.size, n: null, asOf: window.to, href: `/services/${service.key}/team` }
    },
  },
]
