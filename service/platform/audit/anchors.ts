import { readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Platform } from '../context.ts'
import { headLine, headsIn, type AuditHead } from './chain.ts'
import { auditHead, isStillThere } from './reads.ts'

/** Takes the head to where whoever can change the database cannot change it. */
export type HeadCarrier = (platform: Platform, head: AuditHead) => Promise<void>

/** AUD-4: keeps the head of the history outside the database: in the log, in the data folder, and with every carrier. */
export interface Anchors {
  /** Once a day, by one of the processes. */
  carryBy(carrier: HeadCarrier): void
  keep(): Promise<void>
  /** Keeps the head a last time. */
  stop(): Promise<void>
}

const keepEveryMs = 60_000
const daySeconds = 86_400

export function createAnchors(platform: Platform): Anchors {
  const { db, log } = platform
  const path = keptHeadFile(platform.config.dataDirectory)
  const carriers: HeadCarrier[] = []

  async function keep(): Promise<void> {
    const [kept] = await keptHeads(path)
    if (kept !== undefined && !(await isStillThere(db, kept))) {
      // Never written over: it is the proof.
      log.error({ kept: headLine(kept) }, 'The history was changed in the database. Run: phasegate audit verify')
      return
    }
    const head = await auditHead(db)
    if (head === null || head.hash === kept?.hash) return
    await writeFile(`${path}.new`, `${headLine(head)}\n`, { mode: 0o600 })
    await rename(`${path}.new`, path)
    log.info(headLine(head))
  }
  const tryToKeep = () => keep().catch((error: unknown) => log.warn({ err: error }, 'the head of the history waits'))

  const timer = setInterval(tryToKeep, keepEveryMs).unref()
  platform.jobs.every('audit-head', daySeconds, async () => {
    const head = await auditHead(db)
    if (head !== null) for (const carry of carriers) await carry(platform, head)
  })
  return {
    carryBy: (carrier) => void carriers.push(carrier),
    keep,
    async stop() {
      clearInterval(timer)
      await tryToKeep()
    },
  }
}

export function keptHeadFile(dataDirectory: string): string {
  return join(dataDirectory, 'audit-head')
}

/** The heads that a file names: a log, a mail, or the one in the data folder. None where there is no file. */
export async function keptHeads(path: string): Promise<AuditHead[]> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return ''
    throw error
  })
  return headsIn(text)
}

export function mailHead(to: string): HeadCarrier {
  return async ({ db, mail, clock, config }, head) => {
    const day = clock.now().toISOString().slice(0, 10)
    const text = [
      `The history of Phasegate at ${config.publicUrl ?? 'your installation'} had ${head.position} entries on ${day}.`,
      'Keep this mail. Whoever changes the history in the database later can not change it.',
      headLine(head),
      'To check the history against it, save this mail as a file and run:',
      'phasegate audit verify --anchor FILE',
    ]
    await db
      .transaction()
      .execute((tx) => mail.send({ to, subject: `Head of the history on ${day}`, text: `${text.join('\n\n')}\n` }, tx))
    mail.wake()
  }
}
