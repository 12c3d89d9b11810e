import { openInstallation, readConfig, readVersion, takeBackup } from '../../service/platform/index.ts'
import { UsageProblem, type Command } from './command.ts'

export const backup: Command = {
  name: 'backup',
  says: 'Write everything into one file, also while it is in use',
  usage: 'backup [FILE]',
  help: `
Writes the database as of one moment, and what belongs to it from the data folder (gateway.yaml, the gateway's state,
halts), into FILE, or into phasegate-<time>.phasegate-backup in this folder. Only its owner can read the file, and it
has its name only once it is whole. It holds keys and personal data: keep it as you keep the installation.

Runs on the machine of the installation, with the same PHASEGATE_DATA or DATABASE_URL, as the same account or root,
whether the installation runs or not. No other program is needed.

Check a backup with: phasegate verify FILE`,
  options: {},
  async run({ words: [file, ...more] }, io) {
    if (more.length > 0) throw new UsageProblem('Give one file.')
    const config = readConfig(io.env)
    const now = new Date()
    const path = file ?? `phasegate-${now.toISOString().slice(0, 19).replaceAll(':', '')}Z.phasegate-backup`
    const installation = await openInstallation(config)
    try {
      const { connection } = installation
      const { dataDirectory } = config
      const version = await readVersion()
      const told = await takeBackup({ connection, dataDirectory, path, version, now, progress: io.err })
      const size = (told.bytes / 1_048_576).toFixed(1)
      io.out(`Backed up to ${path}: ${told.rows} rows in ${told.tables} tables, ${told.files} files, ${size} MB.`)
    } finally {
      await installation.close()
    }
    return 0
  },
}
