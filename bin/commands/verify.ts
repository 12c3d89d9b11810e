import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  checkBackup,
  checkInstallation,
  openInstallation,
  readConfig,
  restoreBackup,
  type Check,
} from '../../service/platform/index.ts'
import { UsageProblem, type Command, type Io } from './command.ts'

export const verify: Command = {
  name: 'verify',
  says: 'Check a backup, or the installation itself',
  usage: 'verify [FILE] [--restore]',
  help: `
With FILE: reads the backup from its first byte to its last, and says whether it is whole.

  --restore   also restores it into a database of its own in the temporary folder (TMPDIR), checks that, and removes it

Without: checks the installation, running or not: that every row can be read and names only what is there, that the schema
is one that this version knows, and that the history is as it was written.

Ends with 0 when everything is right, else with 1.`,
  options: { restore: { type: 'boolean' } },
  async run({ values, words: [path, ...more] }, io) {
    if (more.length > 0) throw new UsageProblem('Give one file, or none.')
    if (path === undefined) {
      if (values.restore === true) throw new UsageProblem('--restore: give the file of a backup.')
      return verifyInstallation(io)
    }
    const { header, database, tables, rows, files } = await checkBackup(path, io.err)
    io.out(
      `${path} is whole: taken at ${header.createdAt} by Phasegate ${header.version}, PostgreSQL ${database.postgres}.`,
    )
    io.out(`${rows} rows in ${tables} tables, ${files.length} files, schema up to ${database.migrations.at(-1)?.name}.`)
    return values.restore === true ? tryRestore(path, io) : 0
  },
}

async function verifyInstallation(io: Io): Promise<number> {
  const config = readConfig(io.env)
  const installation = await openInstallation(config)
  try {
    const { connection } = installation
    return tell(await checkInstallation({ connection, dataDirectory: config.dataDirectory, progress: io.err }), io)
  } finally {
    await installation.close()
  }
}

async function tryRestore(path: string, io: Io): Promise<number> {
  const dataDirectory = await mkdtemp(join(tmpdir(), 'phasegate-verify-'))
  // The account that runs the database must be able to pass through.
  await chmod(dataDirectory, 0o711)
  try {
    const scratch = await openInstallation({ databaseUrl: null, dataDirectory }, { mayCreate: true })
    try {
      const { connection } = scratch
      await restoreBackup({ path, connection, dataDirectory, now: new Date(), progress: io.err })
      io.out('It can be restored.')
      return tell(await checkInstallation({ connection, dataDirectory, progress: io.err }), io)
    } finally {
      await scratch.close()
    }
  } finally {
    await rm(dataDirectory, { recursive: true, force: true })
  }
}

function tell(checks: readonly Check[], io: Io): number {
  for (const { name, passed, says } of checks) io.out(`${passed ? '✔' : '✖'} ${name}: ${says}`)
  return checks.every(({ passed }) => passed) ? 0 : 1
}
