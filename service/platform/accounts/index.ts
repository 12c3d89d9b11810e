export { hashSecret, newSecret, hashPassword, verifyPassword } from './secrets.ts'
export { createKeyRing, type KeyRing } from './keys.ts'
export {
  createSessionCache,
  endOtherSessions,
  idleDays,
  openSession,
  sessionCookie,
  type SessionCache,
} from './sessions.ts'
export { dropEndedSessions } from './session-store.ts'
export { dropOldTries } from './throttle-store.ts'
export { fromNetwork, mayTry, ofLink, takeTries } from './throttle.ts'
export {
  confirmationMinutes,
  isConfirmed,
  refuseUnconfirmed,
  type Answer,
  type ConfirmationMethod,
  type Offer,
} from './confirmation.ts'
export { installConfirmation } from './confirming.ts'
export { deviceOf } from './device.ts'
export { claimInstallation, firstPersonLink, hasMailPage, inviteColleague, mailAskedLinks, teamUrl } from './actions.ts'
export {
  addMember,
  findAccount,
  findAccountByEmail,
  firstOwner,
  insertAccount,
  membersOf,
  removeMember,
  removeMembersOfService,
  rolesOf,
  serviceIdsOf,
  serviceManagerOf,
  setSkills,
  type Account,
  type Member,
} from './store.ts'
export { insertKey, isKeyInForce, keysAboutToEnd, keysOf, revokeKey, rotateKey, type ApiKey } from './key-store.ts'
export { openIssuer } from './oidc/issuer.ts'
export { accountRoutes } from './routes.ts'
