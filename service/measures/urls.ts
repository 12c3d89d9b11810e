import type { RouteRow } from '../platform/index.ts'

export const measuresUrls: RouteRow[] = [
  { method: 'POST', url: '/api/v1/events', needs: 'events.write' },
  { method: 'OPTIONS', url: '/api/v1/events', needs: 'nothing' },
  { method: 'POST', url: '/edge/:service/events', needs: 'edge' },
  { method: 'GET', url: '/services/:service/measures', needs: 'measures.view' },
  { method: 'GET', url: '/services/:service/measures/:kpi', needs: 'measures.view' },
  { method: 'GET', url: '/services/:service/measures/:kpi/data.csv', needs: 'measures.view' },
  { method: 'POST', url: '/services/:service/measures/:kpi/definition', needs: 'measures.edit' },
  { method: 'POST', url: '/services/:service/measures/:kpi/target', needs: 'measures.edit' },
  { method: 'GET', url: '/api/v1/services/:service/measures', needs: 'measures.view' },
  { method: 'POST', url: '/api/v1/services/:service/measures/:kpi/definition', needs: 'measures.edit' },
  { method: 'PUT', url: '/api/v1/services/:service/measures/:kpi/target', needs: 'measures.edit' },
]
