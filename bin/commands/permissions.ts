import { writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { permissionPage, permissionTable } from '../../service/permission-table.ts'
import type { Command } from './command.ts'

const page = new URL('../../docs/permissions.md', import.meta.url)

export const permissions: Command = {
  name: 'permissions',
  says: 'Print who may do what: every URL for every role and kind of key',
  usage: 'permissions [--json] [--write]',
  help: `
Every URL of the service, and what each role, each kind of key and everybody else gets there.

  --json    for programs
  --write   into docs/permissions.md`,
  options: { json: { type: 'boolean' }, write: { type: 'boolean' } },
  async run({ values }, io) {
    if (values['write'] === true) {
      await writeFile(page, permissionPage())
      io.out(`Written to ${fileURLToPath(page)}`)
      return 0
    }
    io.out(values['json'] === true ? JSON.stringify(permissionTable(), null, 2) : permissionPage())
    return 0
  },
}
