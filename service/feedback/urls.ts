import type { RouteRow } from '../platform/index.ts'

export const feedbackUrls: RouteRow[] = [
  { method: 'GET', url: '/services/:service/feedback', needs: 'feedback.view' },
  { method: 'GET', url: '/services/:service/feedback.csv', needs: 'feedback.view' },
  { method: 'GET', url: '/services/:service/feedback/:reference', needs: 'feedback.view' },
  { method: 'POST', url: '/services/:service/feedback/:reference', needs: 'feedback.decide' },
  { method: 'POST', url: '/api/v1/feedback', needs: 'feedback.write' },
  { method: 'GET', url: '/api/v1/services/:service/feedback', needs: 'feedback.view' },
  { method: 'PATCH', url: '/api/v1/services/:service/feedback/:reference', needs: 'feedback.decide' },
  { method: 'GET', url: '/edge/:service/feedback', needs: 'edge' },
  { method: 'POST', url: '/edge/:service/feedback', needs: 'edge' },
  { method: 'GET', url: '/edge/:service/feedback/sent', needs: 'edge' },
  { method: 'GET', url: '/edge/:service/widget.css', needs: 'edge' },
  { method: 'GET', url: '/go/:service/feedback', needs: 'nothing' },
  { method: 'POST', url: '/go/:service/feedback', needs: 'nothing' },
  { method: 'GET', url: '/go/:service/feedback/sent', needs: 'nothing' },
]
