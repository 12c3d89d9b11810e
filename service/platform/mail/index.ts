export { mailPersonalData } from './personal-data-store.ts'
export { createMailer, type Mailer, type MailMessage } from './mailer.ts'
export { isThreadId, threadId } from './thread-id.ts'
export { fileTransport, smtpTransport, listMailFiles, type MailFile, type MailTransport } from './transports.ts'
