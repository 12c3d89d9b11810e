import { checkBackup, openInstallation, readConfig, restoreBackup } from '../../service/platform/index.ts'
import { UsageProblem, type Command } from './command.ts'

export const restore: Command = {
  name: 'restore',
  says: 'Put a backup into an empty installation',
  usage: 'restore FILE',
  help: `
Puts everything of a backup into an installation that holds nothing yet: an empty data folder (PHASEGATE_DATA), with the
embedded database or an empty one of yours (DATABASE_URL). The backup is read whole before anything is written; either all
of it is there afterwards, or nothing. A backup of an earlier version is brought up to this one; one of a later version is
refused.

Run it as the account that will run Phasegate, then start Phasegate.`,
  options: {},
  async run({ words: [path, ...more] }, io) {
    if (path === undefined || more.length > 0) throw new UsageProblem('Give one file.')
    const config = readConfig(io.env)
    await checkBackup(path, io.err)
    const installation = await openInstallation(config, { mayCreate: true })
    try {
      const { connection } = installation
      const { dataDirectory } = config
      const told = await restoreBackup({ path, connection, dataDirectory, now: new Date(), progress: io.err })
      io.out(
        `Restored: ${told.rows} rows in ${told.tables} tables, ${told.files} files, as of ${told.header.createdAt}.`,
      )
      if (told.migrated.length > 0) io.out(`Brought up to this version: ${told.migrated.join(', ')}.`)
      io.out('Start Phasegate now.')
    } finally {
      await installation.close()
    }
    return 0
  },
}
