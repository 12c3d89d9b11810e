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
  /** The page at this path, else the nearest one above it: what answers a form with a page may stand where only forms are taken. */
  pageAt(path: string): string
  /** What this path takes, in capitals; none where there is nothing. */
  methodsAt(path: string): string[]
}

export function routeTable(rows: readonly RouteRow[]): RouteTable {
  const byRoute = new Map(rows.map((row) => [`${row.method} ${row.url}`, row.needs]))
  if (byRoute.size !== rows.length) throw new Error('A route stands twice in the files urls.ts')
  const patterns = rows.map(({ method, url }) => ({ method, open: url.split('/:').length, path: pathsOf(url) }))
  const methodsAt = (path: string): string[] => {
    const fitting = patterns.filter((each) => each.path.test(path))
    // “batches/list” takes a form, though “batches/:batch” is a page.
    const closest = Math.min(...fitting.map(({ open }) => open))
    return fitting.flatMap(({ method, open }) => (open === closest ? [method] : []))
  }
  const isPage = (path: string): boolean => methodsAt(path).includes('GET')
  return {
    rows,
    methodsAt,
    needs(method, url) {
      const needs = byRoute.get(`${method === 'HEAD' ? 'GET' : method} ${url}`)
      if (needs === undefined) throw new Error(`No urls.ts has a row for ${method} ${url}`)
      return needs
    },
    pageAt(path) {
      const steps = path.split('/').slice(0, 20)
      for (let kept = steps.length; kept > 1; kept -= 1) {
        const shorter = steps.slice(0, kept).join('/')
        if (isPage(shorter)) return shorter
      }
      return '/'
    },
  }
}

function pathsOf(url: string): RegExp {
  return new RegExp(`^${url.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/:[a-zA-Z]+/g, '[^/]+')}$`)
}
