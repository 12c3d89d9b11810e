export { act, announceRights, change, holdersOf, may, must, type Deed, type Record } from './act.ts'
export {
  addMember,
  claimInstallation,
  confirmationMinutes,
  deviceOf,
  dropEndedSessions,
  dropOldTries,
  mailAskedLinks,
  enter,
  accountRoutes,
  createKeyRing,
  endOtherSessions,
  findAccount,
  findAccountByEmail,
  firstOwner,
  firstPersonLink,
  hasMailPage,
  hashSecret,
  isConfirmed,
  refuseUnconfirmed,
  type Answer,
  type ConfirmationMethod,
  type Offer,
  insertAccount,
  insertKey,
  inviteColleague,
  keysOf,
  membersOf,
  newSecret,
  openSession,
  removeMember,
  removeMembersOfService,
  revokeKey,
  rolesOf,
  serviceIdsOf,
  setSkills,
  sessionCookie,
  teamUrl,
  type Account,
  type ApiKey,
  type KeyRing,
  type Member,
} from './accounts/index.ts'
export {
  createAnchors,
  exportAudit,
  headLine,
  history,
  isAuditFormat,
  keptHeadFile,
  keptHeads,
  mailHead,
  verifyAudit,
  wasEverDone,
  type Anchors,
  type AuditEntry,
  type AuditHead,
  type ChainReport,
  type HeadCarrier,
  type HistoryRow,
} from './audit/index.ts'
export {
  checkBackup,
  checkInstallation,
  mustNotBeHalfRestored,
  restoreBackup,
  takeBackup,
  type Check,
} from './backup/index.ts'
export { clockAt, systemClock, type Clock } from './clock.ts'
export { emailAddress } from './email-address.ts'
export { isDevelopment, isSecure, reachableHost, readConfig, type Config } from './config.ts'
export {
  actorName,
  type Actor,
  type Context,
  type Db,
  type KeyKind,
  type Person,
  type Platform,
  type Queryable,
  type Tx,
} from './context.ts'
export {
  admittance,
  assetRoutes,
  createServer,
  healthRoutes,
  isDatabaseAway,
  networkOf,
  openStream,
  readForm,
  readVersion,
  routeTable,
  typedValues,
  wantsPage,
  type Admittance,
  type App,
  type Caller,
  type EventStream,
  type Probe,
  type FormResult,
  type Needs,
  type RouteRow,
  type ServiceRef,
} from './http/index.ts'
export { createJobs, type Jobs } from './jobs.ts'
export { createLive, listenToOthers, type Live, type RightsOf } from './live.ts'
export {
  createMailer,
  fileTransport,
  listMailFiles,
  smtpTransport,
  type Mailer,
  type MailMessage,
  type MailTransport,
} from './mail/index.ts'
export { acknowledge, notificationsOf, notify, openNotifications, type Notification } from './notifications.ts'
export {
  createOutgoing,
  OutgoingProblem,
  parseAllowed,
  type Fetch,
  type Outgoing,
  type OutgoingAnswer,
  type Resolve,
} from './outgoing/index.ts'
export {
  allows,
  permissions,
  roleNames,
  serviceRoles,
  type Holder,
  type Permission,
  type ServiceRole,
} from './permissions.ts'
export type { Problem } from './problem.ts'
export { Refusal, type RefusalCode } from './refusal.ts'
export { refusals } from './refusals.ts'
export {
  signalRegistry,
  type Reading,
  type Signal,
  type SignalRegistry,
  type SignalService,
  type Window,
} from './signals.ts'
export { newSecretKey, openSecretBox, type SecretBox } from './secret-box.ts'
export { StartProblem } from './start-problem.ts'
export {
  checkSecretKey,
  createDiskGuard,
  keepListening,
  migrate,
  openDatabase,
  secretBoxOf,
  openInstallation,
  startEmbedded,
  type Database,
  type DiskGuard,
} from './database/index.ts'
