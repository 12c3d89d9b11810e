import type { RouteRow } from './platform/index.ts'

/**
 * Every URL, with what it asks of the one who calls. A route without a row stops the start;
 * test/permissions.test.ts tries every row as every role.
 */
export const routes: RouteRow[] = [
  // platform
  { method: 'GET', url: '/health', needs: 'nothing' },
  { method: 'GET', url: '/ready', needs: 'nothing' },
  { method: 'GET', url: '/api/v1/openapi.json', needs: 'nothing' },
  { method: 'GET', url: '/assets/:hash/:name', needs: 'nothing' },
  { method: 'GET', url: '/sign-in', needs: 'nothing' },
  { method: 'POST', url: '/sign-in', needs: 'nothing' },
  { method: 'POST', url: '/sign-in/link', needs: 'nothing' },
  { method: 'GET', url: '/sign-in/link/:token', needs: 'nothing' },
  { method: 'POST', url: '/sign-in/link/:token', needs: 'nothing' },
  { method: 'POST', url: '/sign-out', needs: 'nothing' },
  { method: 'GET', url: '/mails', needs: 'nothing' },
  { method: 'GET', url: '/mails/:id', needs: 'nothing' },
  { method: 'GET', url: '/notices', needs: 'signed-in' },
  { method: 'POST', url: '/notices/:id/acknowledge', needs: 'signed-in' },
  { method: 'GET', url: '/account', needs: 'signed-in' },
  { method: 'POST', url: '/account/password', needs: 'signed-in' },

  // services
  { method: 'GET', url: '/services/:service/live', needs: 'service.view' },
  { method: 'GET', url: '/services/:service/history', needs: 'history.view' },
  { method: 'GET', url: '/services/:service/team', needs: 'service.view' },
  { method: 'POST', url: '/services/:service/team', needs: 'team.manage' },
  { method: 'POST', url: '/services/:service/team/remove', needs: 'team.manage' },
  { method: 'POST', url: '/services/:service/team/hand-over', needs: 'team.manage' },
  { method: 'GET', url: '/services/:service/settings', needs: 'service.view' },
  { method: 'POST', url: '/services/:service/settings', needs: 'service.edit' },
  { method: 'POST', url: '/services/:service/settings/journey', needs: 'service.edit' },
  { method: 'POST', url: '/services/:service/settings/journey/marked', needs: 'service.edit' },
  { method: 'POST', url: '/services/:service/settings/walk', needs: 'service.walk' },
  { method: 'POST', url: '/services/:service/settings/walk/end', needs: 'service.walk' },
  { method: 'POST', url: '/services/:service/settings/keys', needs: 'keys.manage' },
  { method: 'POST', url: '/services/:service/settings/keys/:key/revoke', needs: 'keys.manage' },
  { method: 'POST', url: '/services/:service/remove', needs: 'service.remove' },
  { method: 'GET', url: '/api/v1/services', needs: 'signed-in' },
  { method: 'POST', url: '/api/v1/services', needs: 'owner' },
  { method: 'GET', url: '/api/v1/services/:service', needs: 'service.view' },
  { method: 'PATCH', url: '/api/v1/services/:service', needs: 'service.edit' },
  { method: 'DELETE', url: '/api/v1/services/:service', needs: 'service.remove' },
  { method: 'PUT', url: '/api/v1/services/:service/journeys', needs: 'service.edit' },
  { method: 'POST', url: '/api/v1/services/:service/phase', needs: 'admin-key' },
  { method: 'GET', url: '/api/v1/services/:service/team', needs: 'service.view' },
  { method: 'POST', url: '/api/v1/services/:service/team', needs: 'team.manage' },
  { method: 'POST', url: '/api/v1/services/:service/service-manager', needs: 'team.manage' },
  { method: 'POST', url: '/api/v1/services/:service/keys', needs: 'keys.manage' },
  { method: 'DELETE', url: '/api/v1/services/:service/keys/:key', needs: 'keys.manage' },
  { method: 'GET', url: '/api/v1/services/:service/history', needs: 'history.view' },
  { method: 'POST', url: '/api/v1/gateway/walk', needs: 'edge' },

  // admission

  // measures
  { method: 'POST', url: '/api/v1/events', needs: 'events.write' },

  // feedback

  // gates

  // overview
]
