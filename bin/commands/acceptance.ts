import type { Command } from './command.ts'

export const acceptance: Command = {
  name: 'acceptance',
  says: 'Run the tests and write which acceptance rows they prove',
  usage: 'acceptance',
  help: `
Reads the rows that passing tests name, and writes docs/acceptance.md with three counts:
done by the product, typed in by people, no proof yet.`,
  options: {},
  passesOn: true,
  async run({ words }) {
    process.argv = [process.argv[0] ?? 'node', 'test/acceptance.ts', ...words]
    await import('../../test/acceptance.ts')
    return process.exitCode === undefined ? undefined : Number(process.exitCode)
  },
}
