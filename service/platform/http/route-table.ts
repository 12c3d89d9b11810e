import type { Permission } from '../permissions.ts'

/**
 * What a URL asks of the one who calls: a permission on `:service`, or
 * `nothing` (public), `decision` (public, but a key that is shown has to be one: ADM-71), `signed-in`, `owner` (of the installation), `admin-key`, `gateway-key`,
 * `edge` (a gateway, for the public).
 */
export type Needs = Permission | 'nothing' | 'decision' | 'signed-in' | 'owner' | 'admin-key' | 'gateway-key' | 'edge'

export interface RouteRow {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'OPTIONS'
  url: string
  needs: Needs
}

export interface RouteTable {
  rows: readonly RouteRow[]
  needs(method: string, url: string): Needs
}

export function routeTable(rows: readonly RouteRow[]): RouteTable {
  const byRoute = new Map(rows.map((row) => [`${row.method} ${row.url}`, row.needs]))
  if (byRoute.size !== rows.length) throw new Error('A route stands twice in the files urls.ts')
  return {
    rows,
    needs(method, url) {
      const needs = byRoute.get(`${method === 'HEAD' ? 'GET' : method} ${url}`)
      if (needs === undefined) throw new Error(`No urls.ts has a row for ${method} ${url}`)
      return needs
    },
  }
}
