import type { Command } from './command.ts'

export const start: Command = {
  name: 'start',
  says: 'Start Phasegate on this machine, with its gateway and its database',
  usage: 'start [--current URL --new URL [--name NAME]]',
  help: `
Does all the set-up by itself and prints where to look. Ctrl-C stops everything that it started.

  --current URL   the service that people use today ("none" when the new one replaces nothing)
  --new URL       the new service (the beta)
  --name NAME     what people call it

Without addresses the example comes with it. Settings are read from the environment: docs/operating.md lists them.`,
  options: {},
  passesOn: true,
  async run({ words }) {
    // main.ts reads its own arguments, as under npm start.
    process.argv = [process.argv[0] ?? 'node', 'service/main.ts', ...words]
    await import('../../service/main.ts')
    return undefined
  },
}
