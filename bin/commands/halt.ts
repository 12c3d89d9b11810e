import { needed, UsageProblem, type Command } from './command.ts'
import { ask } from './installation.ts'

export const halt: Command = {
  name: 'halt',
  says: 'Halt the beta: everybody goes to the current service at once',
  usage: 'halt SERVICE --reason TEXT',
  help: `
Everybody is sent to the current service, or to the holding page where there is none, within a second.
Only a named person lifts a halt, on the page “Who gets in”.

  --reason TEXT   why; it stands in the history`,
  options: { reason: { type: 'string' } },
  async run(given, io) {
    const [service] = given.words
    if (service === undefined || given.words.length > 1) throw new UsageProblem('Give the key of one service.')
    const reason = needed(given, 'reason', 'say why; it stands in the history')
    await ask(io, 'POST', `/api/v1/services/${encodeURIComponent(service)}/halt`, { reason })
    io.out('Halted. Everybody gets the current service now. A named person lifts the halt on the page “Who gets in”.')
    return 0
  },
}
