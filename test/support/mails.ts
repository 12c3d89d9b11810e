import { sql } from 'kysely'
import type { TestApp } from './app.ts'

/** The last mail to somebody, once everything that was written has left. */
export async function lastMail(app: TestApp, to: string): Promise<TestApp['mails'][number] | undefined> {
  for (;;) {
    const { rows } = await sql`select 1 from mail_outbox where sent_at is null`.execute(app.db)
    if (rows.length === 0) return app.mails.findLast((mail) => mail.to === to)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
