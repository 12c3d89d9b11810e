/**
 * Who may do what: the one table. A column is a role on the service, `owner` of the installation, or a kind of key.
 * The page of a service, its API and its command line ask here and nowhere else.
 */
export const serviceRoles = [
  'service-manager',
  'product',
  'developer',
  'designer',
  'researcher',
  'performance-analyst',
  'support',
  'growth',
  'client',
  'risk-owner',
  'assessor',
  'viewer',
] as const
export type ServiceRole = (typeof serviceRoles)[number]

export const roleNames: Record<ServiceRole, string> = {
  'service-manager': 'Service manager',
  product: 'Product or delivery manager',
  developer: 'Developer',
  designer: 'Designer',
  researcher: 'User researcher',
  'performance-analyst': 'Performance analyst',
  support: 'Support',
  growth: 'Growth',
  client: 'Client or sponsor',
  'risk-owner': 'Risk owner',
  assessor: 'Assessor',
  viewer: 'Viewer',
}

export type Holder = ServiceRole | 'owner' | 'key:admin' | 'key:server' | 'key:client' | 'key:gateway'

const team: readonly ServiceRole[] = [
  'service-manager',
  'product',
  'developer',
  'designer',
  'researcher',
  'performance-analyst',
  'support',
  'growth',
]
const everyRole: readonly Holder[] = [...serviceRoles, 'owner', 'key:admin']

const table = {
  'accounts.manage': ['owner', 'key:admin'],

  'service.create': ['owner', 'key:admin'],
  'service.view': [...everyRole, 'key:server'],
  'service.edit': ['service-manager', 'product', 'developer', 'key:admin'],
  // Whoever points the gateway somewhere reads what answers there, inside the network too.
  'service.addresses': ['owner', 'key:admin'],
  'service.remove': ['service-manager', 'owner', 'key:admin'],
  'service.walk': [...team],
  'team.manage': ['service-manager', 'owner', 'key:admin'],
  'keys.manage': ['service-manager', 'developer', 'key:admin'],
  'webhooks.manage': ['service-manager', 'developer', 'owner', 'key:admin'],
  'history.view': everyRole,

  'admission.view': everyRole,
  'admission.invite': ['service-manager', 'product', 'researcher', 'support', 'growth', 'key:admin'],
  'admission.people': ['service-manager', 'product', 'researcher', 'support', 'key:admin'],
  'admission.share': ['service-manager', 'product', 'key:admin'],
  'rollouts.plan': ['service-manager', 'product', 'key:admin'],
  'rollouts.answer': [...team, 'key:admin'],
  'admission.halt': [
    'service-manager',
    'product',
    'developer',
    'support',
    'growth',
    'risk-owner',
    'owner',
    'key:admin',
  ],
  'admission.resume': ['service-manager', 'product', 'risk-owner'],

  'features.view': [...everyRole, 'key:server'],
  'features.edit': ['service-manager', 'product', 'developer', 'designer', 'support', 'growth', 'key:admin'],
  // Whoever may switch one of the three kinds; which of them is asked of each flag.
  'features.switch': ['service-manager', 'product', 'developer', 'support', 'growth', 'key:admin'],
  'features.switch-release': ['support', 'growth', 'key:admin'],
  'features.switch-plan': ['service-manager', 'product', 'support', 'growth', 'key:admin'],
  'features.switch-operations': ['developer', 'key:admin'],
  // Each for their own role.
  'features.acknowledge': ['service-manager', 'support', 'growth'],
  'features.assign-testers': ['support', 'service-manager', 'key:admin'],
  // By the one who was asked to try it, or Support for them.
  'features.test': [...team, 'key:admin'],
  'features.confirm-removal': ['service-manager', 'developer', 'support', 'growth'],

  'betas.open': ['support', 'growth', 'key:admin'],
  // An application for the person who uses it, and support for somebody who asks.
  'betas.choose': ['service-manager', 'support', 'key:server', 'key:admin'],
  'claims.redeem': ['key:server', 'key:admin'],

  // Testers write under names of their own choice: for those who work with them.
  'rooms.view': [...team, 'client', 'risk-owner', 'owner', 'key:admin'],
  'rooms.write': [...team, 'key:admin'],

  'snapshot.read': ['key:server', 'key:admin'],

  'measures.view': everyRole,
  'measures.edit': ['service-manager', 'performance-analyst', 'key:admin'],
  'events.write': ['key:server', 'key:client', 'key:gateway', 'key:admin'],

  'feedback.view': [...team, 'client', 'risk-owner', 'assessor', 'owner', 'key:admin'],
  'feedback.decide': [...team, 'key:admin'],
  'feedback.write': ['key:server', 'key:client', 'key:gateway', 'key:admin'],

  'deployments.view': everyRole,
  'deployments.write': [...team, 'key:server', 'key:admin'],
  // By those who were asked: whoever was in Support when it was released.
  'deployments.acknowledge': team,

  'partners.view': everyRole,
  'partners.write': [...team, 'client', 'key:admin'],

  'capacity.view': everyRole,
  // A pipeline tells of its load tests.
  'capacity.write': [...team, 'key:server', 'key:admin'],

  'gate.view': everyRole,
  'gate.evidence': [...team, 'client', 'risk-owner', 'key:admin'],
  'gate.verdict': [...team, 'client', 'risk-owner'],
  'gate.waive': ['service-manager', 'risk-owner'],
  'gate.sign': [...team, 'client', 'risk-owner', 'assessor'],
  'gate.decide': ['service-manager', 'key:admin'],
  // At the gates of a feature; which of these, each gate says.
  'gate.decide-feature': ['service-manager', 'product', 'developer', 'support', 'growth', 'key:admin'],
} as const satisfies Record<string, readonly Holder[]>

export type Permission = keyof typeof table
export const permissions: Readonly<Record<Permission, readonly Holder[]>> = table

export function allows(permission: Permission, holders: readonly Holder[]): boolean {
  return holders.some((holder) => permissions[permission].includes(holder))
}

export function isPermission(text: string): text is Permission {
  return Object.hasOwn(permissions, text)
}

/** What a key of this kind may at most: the choice when one is narrowed (ACC-14). */
export function permissionsOfKey(kind: 'admin' | 'server' | 'client' | 'gateway'): Permission[] {
  return Object.keys(permissions)
    .filter(isPermission)
    .filter((permission) => permissions[permission].includes(`key:${kind}`))
}
