import type { RouteRow } from '../platform/index.ts'

export const operationsUrls: RouteRow[] = [
  { method: 'POST', url: '/api/v1/deployments', needs: 'deployments.write' },
  { method: 'POST', url: '/api/v1/services/:service/deployments', needs: 'deployments.write' },
  { method: 'GET', url: '/api/v1/services/:service/deployments', needs: 'deployments.view' },
  {
    method: 'POST',
    url: '/api/v1/services/:service/deployments/:deployment/acknowledgement',
    needs: 'deployments.acknowledge',
  },
  { method: 'POST', url: '/services/:service/deployments/:deployment/acknowledge', needs: 'deployments.acknowledge' },
  { method: 'GET', url: '/services/:service/deployments', needs: 'deployments.view' },
  { method: 'GET', url: '/services/:service/partners', needs: 'partners.view' },
  { method: 'GET', url: '/api/v1/services/:service/partners', needs: 'partners.view' },
  ...writes('partners.write', [
    'partners',
    'partners/:partner/readiness',
    'partners/:partner/end',
    'unexpected-uses',
    'unexpected-uses/:unexpected/response',
  ]),
  { method: 'GET', url: '/services/:service/capacity', needs: 'capacity.view' },
  { method: 'GET', url: '/api/v1/services/:service/capacity', needs: 'capacity.view' },
  ...writes('capacity.write', ['capacity/forecasts', 'capacity/load-tests', 'capacity/severe-defects']),
]

function writes(needs: RouteRow['needs'], paths: readonly string[]): RouteRow[] {
  return paths.flatMap((path) =>
    ['/services/:service', '/api/v1/services/:service'].map((at) => ({ method: 'POST', url: `${at}/${path}`, needs })),
  )
}
