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
  ...['partners', 'partners/:partner/readiness', 'partners/:partner/end'].flatMap(writePartners),
  ...['unexpected-uses', 'unexpected-uses/:unexpected/response'].flatMap(writePartners),
]

function writePartners(path: string): RouteRow[] {
  return ['/services/:service', '/api/v1/services/:service'].map((at) => ({
    method: 'POST',
    url: `${at}/${path}`,
    needs: 'partners.write',
  }))
}
