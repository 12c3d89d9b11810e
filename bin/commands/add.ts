import { createOutgoing, OutgoingProblem } from '../../service/platform/outgoing/index.ts'
import { needed, text, UsageProblem, type Command } from './command.ts'
import { ApiProblem, ask } from './installation.ts'

interface Added {
  key: string
  name: string
  phaseName: string
  url: string | null
}

export const add: Command = {
  name: 'add',
  says: 'Add your service: put two addresses behind the gateway',
  usage: 'add --current URL --new URL [--name NAME]',
  help: `
  --current URL   the current service, which people use today ("none" when the new one replaces nothing:
                  a holding page then stands in its place)
  --new URL       the new service (the beta)
  --name NAME     what people call it

The service starts in private beta: only people whom you invite get the new one.
Check the new address first with: phasegate doctor URL`,
  options: { current: { type: 'string' }, new: { type: 'string' }, name: { type: 'string' } },
  async run(given, io) {
    const current = needed(given, 'current', 'give the address of the current service, or none')
    const newUrl = address('new', needed(given, 'new', 'give the address of the new service'))
    const currentUrl = current === 'none' ? null : address('current', current)
    await mustAnswer('current', currentUrl)
    await mustAnswer('new', newUrl)
    const name = text(given, 'name') ?? new URL(newUrl).hostname
    const added = (await ask(io, 'POST', '/api/v1/services', { name, newUrl, currentUrl })) as Added
    io.out(`Added “${added.name}” (${added.key}), in ${added.phaseName.toLowerCase()}.`)
    if (added.url !== null) io.out(`Behind the gateway:  ${added.url}`)
    io.out(`Next: invite somebody:  phasegate invite ${added.key} name@example.org`)
    return 0
  },
}

/** An address that does not answer is told at once, not at the first visitor. */
async function mustAnswer(name: string, url: string | null): Promise<void> {
  if (url === null) return
  try {
    await createOutgoing().request(url, {
      trusted: [url],
      patienceMs: { whole: 5_000 },
      mostBytes: 1_000,
      beyond: 'cut',
    })
  } catch (error) {
    if (!(error instanceof OutgoingProblem)) throw error
    throw new ApiProblem(`--${name} ${url} does not answer: ${error.message}. Start it, or check the address.`)
  }
}

function address(name: string, value: string): string {
  if (/^https?:\/\//.test(value) && URL.canParse(value)) return value
  throw new UsageProblem(`--${name}: give an address that starts with https:// or http://, not “${value}”.`)
}
