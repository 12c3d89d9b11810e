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
]
