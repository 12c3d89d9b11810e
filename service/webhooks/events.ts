import type { AuditEntry, WebhookEvent } from '../platform/index.ts'

/** HOOK-3: what other systems can be told, under the names that history has for it. docs/webhooks.md is held to this list. */
export const webhookEvents: readonly WebhookEvent[] = [
  { type: 'phase.moved', says: 'The phase moved', isPlain: true, data: picked('from', 'to') },
  { type: 'gate.decided', says: 'A gate was decided', isPlain: true, data: picked('outcome') },
  { type: 'gate.verdict', says: 'A criterion got a verdict', isPlain: true, data: picked('kind') },
  { type: 'gate.waived', says: 'A criterion was waived' },
  { type: 'gate.signed', says: 'Somebody signed at a gate' },
  { type: 'admission.halted', says: 'The beta was halted', isPlain: true },
  { type: 'admission.resumed', says: 'The beta opened again after a halt', isPlain: true },
  { type: 'admission.share', says: 'The share changed', isPlain: true },
  { type: 'admission.cap', says: 'The cap changed', isPlain: true },
  { type: 'admission.invited', says: 'People were invited', data: picked('invitations') },
  { type: 'admission.accepted', says: 'A person accepted an invitation', isPlain: true },
  { type: 'admission.left', says: 'A person left the beta', isPlain: true },
  { type: 'feature.created', says: 'A feature was added', isPlain: true, data: picked('key', 'kind') },
  { type: 'feature.changed', says: 'What is said of a feature changed', isPlain: true, data: picked('key', 'version') },
  { type: 'feature.switched', says: 'A flag was switched', isPlain: true, data: picked('key', 'on') },
  { type: 'feature.audience', says: 'Who gets a feature changed', isPlain: true, data: picked('key', 'share') },
  { type: 'feature.moved', says: 'A feature moved to another stage', isPlain: true, data: picked('key', 'from', 'to') },
  { type: 'feature.stages', says: 'The stages of a feature were chosen', isPlain: true, data: picked('key') },
  { type: 'feature.stale', says: 'A flag asks to be removed', isPlain: true, data: picked('key') },
  { type: 'feature.removed', says: 'A flag was removed', isPlain: true, data: picked('key') },
  { type: 'feature.notice', says: 'The teams were told of a change without a flag' },
  { type: 'room.message', says: 'Somebody wrote in a beta room', data: picked('key') },
  { type: 'testimonial.approved', says: 'A person agreed to be quoted' },
  { type: 'testimonial.withdrawn', says: 'A testimonial was withdrawn' },
  { type: 'feedback.received', says: 'Feedback arrived' },
  {
    type: 'deployment.recorded',
    says: 'A deployment was recorded',
    isPlain: true,
    data: picked('arm', 'version', 'environment', 'outcome'),
  },
  { type: 'key.created', says: 'A key was created' },
  { type: 'key.revoked', says: 'A key was revoked' },
  { type: 'team.added', says: 'Somebody joined the team' },
  { type: 'team.removed', says: 'Somebody left the team' },
  { type: 'team.handed-over', says: 'The service was handed over' },
  { type: 'service.changed', says: 'The service was changed' },
  { type: 'service.added', says: 'A service was added', isOfInstallation: true },
  {
    type: 'audit.head',
    says: 'The head of the history, once a day',
    isOfInstallation: true,
    data: picked('position', 'hash'),
  },
]

/** Of the entry's detail only what is named here: the rest may hold what somebody wrote. */
function picked(...names: string[]): (entry: AuditEntry) => object {
  return ({ detail = {} }) => Object.fromEntries(Object.entries(detail).filter(([name]) => names.includes(name)))
}
