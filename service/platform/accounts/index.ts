export { hashSecret, newSecret, hashPassword, verifyPassword } from './secrets.ts'
export { createKeyRing, type KeyRing } from './keys.ts'
export {
  createSessionCache,
  endOtherSessions,
  openSession,
  sessionCookie,
  sessionDays,
  type SessionCache,
} from './sessions.ts'
export {
  claimInstallation,
  firstPersonLink,
  hasMailPage,
  inviteColleague,
  mailSignInLink,
  readLink,
  signInByLink,
  signInByPassword,
  teamUrl,
} from './actions.ts'
export {
  addMember,
  deleteSession,
  findAccount,
  findAccountByEmail,
  firstOwner,
  insertAccount,
  insertKey,
  keysOf,
  membersOf,
  removeMember,
  removeMembersOfService,
  revokeKey,
  rolesOf,
  serviceIdsOf,
  setSkills,
  type Account,
  type ApiKey,
  type Member,
} from './store.ts'
export { accountRoutes } from './routes.ts'
