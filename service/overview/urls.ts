import type { RouteRow } from '../platform/index.ts'

export const overviewUrls: RouteRow[] = [
  { method: 'GET', url: '/', needs: 'signed-in' },
  { method: 'GET', url: '/tour', needs: 'signed-in' },
  { method: 'GET', url: '/services/new', needs: 'owner' },
  { method: 'POST', url: '/services', needs: 'owner' },
  { method: 'GET', url: '/services/:service', needs: 'service.view' },
  { method: 'GET', url: '/services/:service/setup', needs: 'service.view' },
  { method: 'POST', url: '/services/:service/visitors', needs: 'service.edit' },
  { method: 'GET', url: '/api/v1/services/:service/visitors', needs: 'service.view' },
  { method: 'POST', url: '/api/v1/services/:service/visitors', needs: 'service.edit' },
]
