import type { RouteRow } from '../platform/index.ts'

export const stagesUrls: RouteRow[] = [
  { method: 'GET', url: '/services/:service/features/:feature/gate', needs: 'features.view' },
  { method: 'GET', url: '/services/:service/features/:feature/stages', needs: 'features.view' },
  { method: 'GET', url: '/api/v1/services/:service/features/:feature/stages', needs: 'features.view' },
  { method: 'POST', url: '/services/:service/features/:feature/beta-decision', needs: 'features.edit' },
  { method: 'POST', url: '/services/:service/features/:feature/beta-request', needs: 'features.edit' },
  { method: 'POST', url: '/services/:service/features/:feature/beta-acknowledgements', needs: 'features.acknowledge' },
  { method: 'POST', url: '/services/:service/features/:feature/planning-records', needs: 'features.edit' },
  { method: 'POST', url: '/services/:service/features/:feature/announcements', needs: 'features.edit' },
  { method: 'POST', url: '/services/:service/features/:feature/testers', needs: 'features.assign-testers' },
  { method: 'POST', url: '/services/:service/features/:feature/testers/:tester/result', needs: 'features.test' },
  { method: 'POST', url: '/api/v1/services/:service/features/:feature/beta-decision', needs: 'features.edit' },
  { method: 'POST', url: '/api/v1/services/:service/features/:feature/beta-request', needs: 'features.edit' },
  {
    method: 'POST',
    url: '/api/v1/services/:service/features/:feature/beta-acknowledgements',
    needs: 'features.acknowledge',
  },
  { method: 'POST', url: '/api/v1/services/:service/features/:feature/planning-records', needs: 'features.edit' },
  { method: 'POST', url: '/api/v1/services/:service/features/:feature/announcements', needs: 'features.edit' },
  { method: 'POST', url: '/api/v1/services/:service/features/:feature/testers', needs: 'features.assign-testers' },
  { method: 'POST', url: '/api/v1/services/:service/features/:feature/testers/:tester/result', needs: 'features.test' },
]
