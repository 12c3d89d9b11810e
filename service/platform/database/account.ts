import { readFileSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { StartProblem } from '../start-problem.ts'

/** The account that the PostgreSQL processes run as. PostgreSQL refuses to run as root. */
export interface Account {
  name: string
  uid: number
  gid: number
  /** Set when it differs from our own: what `spawn` needs to change to it. */
  change: { uid: number; gid: number } | undefined
}

const unprivileged = ['nobody', 'daemon']

export function databaseAccount(): Account {
  const uid = process.getuid?.() ?? -1
  const gid = process.getgid?.() ?? -1
  if (uid !== 0) return { name: 'this account', uid, gid, change: undefined }
  const lines = readFileSync('/etc/passwd', 'utf8').split('\n')
  for (const name of unprivileged) {
    const fields = lines.find((line) => line.startsWith(`${name}:`))?.split(':')
    const other = { uid: Number(fields?.[2]), gid: Number(fields?.[3]) }
    if (other.uid > 0 && other.gid > 0) return { name, ...other, change: other }
  }
  throw new StartProblem(
    'PostgreSQL does not run as root and there is no account "nobody" to run it as. ' +
      'Start Phasegate as another account, or set DATABASE_URL.',
  )
}

/** A folder that the account cannot pass through makes initdb fail with a message nobody understands. */
export function mustReach(account: Account, directory: string): void {
  if (!account.change) return
  for (let at = dirname(directory); ; at = dirname(at)) {
    const { mode, uid, gid } = statSync(at)
    const passes = uid === account.uid ? mode & 0o100 : gid === account.gid ? mode & 0o010 : mode & 0o001
    if (!passes) {
      throw new StartProblem(
        `The data folder ${directory} lies inside ${at}, which the account "${account.name}" that runs the database ` +
          'cannot enter. Set PHASEGATE_DATA to a folder that it can reach, for example /var/lib/phasegate/data.',
      )
    }
    if (at === dirname(at)) return
  }
}
