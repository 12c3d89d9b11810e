import type { Phasegate } from './app.ts'

export interface MailIn {
  port: number
  stop(): Promise<void>
}

/** Takes answers to mails; null where no mail is to come in. Only then is read what it needs. */
export async function openMailIn({ app, platform, mailDesk }: Phasegate): Promise<MailIn | null> {
  const { config, log } = platform
  if (config.mailIn === null) return null
  const { openReceiver } = await import('./platform/mail-in/index.ts')
  const receiver = await openReceiver({
    settings: config.mailIn,
    desk: mailDesk,
    log: log.child({ part: 'mail-in' }),
    isEnding: () => app.drain.isOn,
  })
  config.mailIn.port = receiver.port
  return receiver
}
