import { admittance, roleNames, serviceRoles, type Admittance, type Caller, type RouteRow } from './platform/index.ts'
import { routes } from './routes.ts'

/** A kind of caller, seen from one service: what it is on it. */
export interface Column {
  id: string
  says: string
  caller: Caller
}

const account = (holders: Caller['holders'], isOwner = false): Caller => ({ kind: 'account', isOwner, holders })
const key = (keyKind: NonNullable<Caller['keyKind']>, reaches: boolean): Caller => ({
  kind: 'key',
  keyKind,
  holders: reaches ? [`key:${keyKind}`] : [],
})
const anonymous: Caller = { kind: 'anonymous', holders: [] }
const falseKey: Caller = { ...anonymous, showsFalseKey: true }

/** Everybody who can stand at the door of a service. */
export const columns: readonly Column[] = [
  ...serviceRoles.map((role) => ({ id: role, says: roleNames[role], caller: account([role]) })),
  { id: 'owner', says: 'Owner of the installation', caller: account(['owner'], true) },
  { id: 'other-team', says: 'Member of another team', caller: account([]) },
  { id: 'member', says: 'Member of no team', caller: account([]) },
  { id: 'anonymous', says: 'Anybody', caller: anonymous },
  { id: 'forged-key', says: 'A key that was never made', caller: falseKey },
  { id: 'revoked-key', says: 'A key that was revoked', caller: falseKey },
  { id: 'expired-key', says: 'A key that has run out', caller: falseKey },
  { id: 'admin-key', says: 'Admin key', caller: key('admin', true) },
  ...(['server', 'client', 'gateway'] as const).flatMap((kind) => [
    { id: `${kind}-key`, says: `Key, ${kind}, of the installation`, caller: key(kind, true) },
    { id: `${kind}-key-own`, says: `Key, ${kind}, of this service`, caller: key(kind, true) },
    { id: `${kind}-key-other`, says: `Key, ${kind}, of another service`, caller: key(kind, false) },
  ]),
]

/** What this caller gets at this address, where it names a service that is there. */
export function cell(row: RouteRow, { caller }: Column): Admittance {
  if (row.url.includes(':service')) return admittance(row, caller, 'a service')
  const answer = admittance(row, caller, 'no service')
  // Another's service in the body is answered like one that is not there.
  return answer === 'in' && isNamedInBody(row) ? admittance(row, caller, 'a service in the body') : answer
}

/** A permission is held on a service: where the address names none, the body does. */
export function isNamedInBody({ method, url, needs }: RouteRow): boolean {
  return method !== 'GET' && !url.includes(':service') && needs.includes('.')
}

export interface PermissionTable {
  columns: { id: string; says: string }[]
  rows: { method: string; url: string; needs: string; cells: Record<string, Admittance> }[]
}

export function permissionTable(): PermissionTable {
  return {
    columns: columns.map(({ id, says }) => ({ id, says })),
    rows: routes.map((row) => ({
      ...row,
      cells: Object.fromEntries(columns.map((column) => [column.id, cell(row, column)])),
    })),
  }
}

const signs: Record<Admittance, string> = { in: '●', refused: '403', missing: '404', 'sign-in': '401' }

/** The same as a page for people: docs/permissions.md. */
export function permissionPage(): string {
  const { columns: across, rows } = permissionTable()
  const heads = across.map((_, index) => String(index + 1))
  const lines = rows.map(({ method, url, needs, cells }) => {
    const marks = across.map(({ id }) => signs[cells[id] ?? 'missing'])
    return `| ${method} | \`${url}\` | ${needs} | ${marks.join(' | ')} |`
  })
  return `# Who may do what

Written by \`bin/phasegate permissions --write\` from each domain's \`urls.ts\` and \`service/platform/permissions.ts\`; not edited
by hand. \`bin/phasegate permissions --json\` prints the same for programs. \`test/permissions.test.ts\` tries every cell
against the running service.

● comes in, and the act then checks its own rules; 403 is told that the role does not allow it; 404 is told that there is no
such page, whether it is there or not; 401 has to sign in (a page leads there). What a URL names within a service (a gate, an
invitation, a key, evidence, feedback) is looked for in that service only. Where the body names the service, the cell
speaks of that one. What is needed is a permission on the service, or a word: \`nothing\` is public, and so is \`decision\`, but a
key that is shown has to be one.

| column | who |
|---|---|
${across.map(({ says }, index) => `| ${index + 1} | ${says} |`).join('\n')}

| | URL | needs | ${heads.join(' | ')} |
|---|---|---|${heads.map(() => '---').join('|')}|
${lines.join('\n')}
`
}
