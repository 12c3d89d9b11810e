export { mailPersonalData } from './personal-data-store.ts'
export { createMailer, type Mailer, type MailMessage } from './mailer.ts'
export { fileTransport, smtpTransport, listMailFiles, type MailFile, type MailTransport } from './transports.ts'
