import type { RouteRow } from '../platform/index.ts'

export const inspectionsUrls: RouteRow[] = [
  { method: 'GET', url: '/services/:service/inspections', needs: 'service.view' },
  { method: 'POST', url: '/services/:service/inspections/banner', needs: 'service.edit' },
  { method: 'POST', url: '/services/:service/inspections/doctor', needs: 'service.edit' },
]
