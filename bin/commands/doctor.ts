import { createOutgoing } from '../../service/platform/outgoing/index.ts'
import { bannerOn, breaksSomething, examine, type Finding } from '../../service/inspections/index.ts'
import { UsageProblem, type Command, type Io } from './command.ts'

const signs: Record<Finding['severity'], string> = { breaks: '✖', note: '!', handled: '→', fine: '✔' }

export const doctor: Command = {
  name: 'doctor',
  says: 'Look at an application and name what would break behind a gateway',
  usage: 'doctor URL [--pages N] [--no-post] [--json]   or   doctor --banner URL',
  help: `
Fetches the page, follows it, and says of each thing whether it works behind the gateway:

  ✖  would break, with what to do      !  worth knowing
  →  the gateway sees to it            ✔  nothing to do

It looks at redirects, cookies, the host name, Origin checks, links and base addresses, the content security policy,
HSTS, frames, compression, caches, WebSockets and service workers.

  --pages N    how many pages to look at (8); only links to the same host, nothing that sounds like signing out
  --no-post    leave out the two empty POSTs that show whether Origin is compared
  --json       print the findings as JSON
  --banner     only say which phase the banner on that page names, as read through the gateway

Ends with 0 when nothing would break (with --banner: when there is a banner), else with 1.`,
  options: {
    pages: { type: 'string' },
    'no-post': { type: 'boolean' },
    json: { type: 'boolean' },
    banner: { type: 'boolean' },
  },
  async run({ values, words }, io) {
    const [url, ...more] = words
    if (url === undefined || more.length > 0) throw new UsageProblem('Give one address.')
    if (!/^https?:\/\//.test(url) || !URL.canParse(url)) {
      throw new UsageProblem(`Give an address that starts with https:// or http://, not “${url}”.`)
    }
    if (values.banner === true) return tellBanner(url, io)
    const pages = Number(values.pages ?? 8)
    if (!Number.isInteger(pages) || pages < 1 || pages > 100)
      throw new UsageProblem('--pages: give a number from 1 to 100.')
    const examination = await examine(createOutgoing(), url, { pages, post: values['no-post'] !== true })
    const breaks = breaksSomething(examination)
    if (values.json === true) io.out(JSON.stringify(examination, null, 2))
    else tell(examination, io)
    return breaks ? 1 : 0
  },
}

async function tellBanner(url: string, io: Io): Promise<number> {
  const seen = await bannerOn(createOutgoing(), url)
  if (seen.kind === 'seen') io.out(`The banner says “${seen.label}”.`)
  else if (seen.kind === 'missing')
    io.err(`The page has no phase banner. Let the gateway insert one, or put one into the page.`)
  else io.err(`The page could not be read: ${seen.detail}.`)
  return seen.kind === 'seen' ? 0 : 1
}

function tell({ url, pages, findings }: { url: string; pages: number; findings: Finding[] }, io: Io): void {
  io.out(`${url}, ${pages === 1 ? '1 answer' : `${pages} answers`} looked at\n`)
  const order: Finding['severity'][] = ['breaks', 'note', 'handled', 'fine']
  for (const severity of order) {
    for (const { check, says, whatToDo } of findings.filter((finding) => finding.severity === severity)) {
      io.out(`${signs[severity]} ${check}: ${says}`)
      if (whatToDo !== undefined) io.out(`    ${whatToDo}`)
    }
  }
  const broken = findings.filter(({ severity }) => severity === 'breaks').length
  io.out(broken === 0 ? '\nNothing here would break behind the gateway.' : `\n${broken} to put right first.`)
}
