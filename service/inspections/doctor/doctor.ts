import { OutgoingProblem, type Outgoing } from '../../platform/index.ts'
import { checkCookies, checkLinks, checkRedirects, fine, type Case } from './checks.ts'
import { checkHost, checkOrigin } from './conversation-checks.ts'
import type { Finding } from './finding.ts'
import { checkHeaders, checkPolicy, checkScripts } from './header-checks.ts'
import { lookAround, openVisitor, type Answer, type Visitor } from './visit.ts'

export interface Examination {
  url: string
  pages: number
  findings: Finding[]
}

export interface DoctorOptions {
  /** How many pages to look at, the first included. */
  pages?: number
  /** Sends two empty POSTs to see whether Origin is compared. */
  post?: boolean
}

/** INS-1: looks at an application as the gateway would meet it, and names what would break behind one. */
export async function examine(
  outgoing: Outgoing,
  address: string,
  { pages = 8, post = true }: DoctorOptions = {},
): Promise<Examination> {
  const url = new URL(address)
  const visitor = openVisitor(outgoing, address)
  const answers = await reach(visitor, url, pages)
  if (!Array.isArray(answers)) return { url: url.href, pages: 0, findings: [answers] }
  const html = answers.filter(({ isHtml, status }) => isHtml && status < 400)
  const about: Case = { site: new URL(url.origin), answers, pages: html }
  const findings = [
    ...checkAnswer(answers, html),
    ...checkRedirects(about),
    ...checkCookies(about),
    ...(await checkHost(visitor, url)),
    ...(post ? await checkOrigin(visitor, html.at(-1)?.url ?? url) : []),
    ...checkLinks(about),
    ...checkPolicy(about),
    ...checkHeaders(about),
    ...checkScripts(about),
  ]
  return { url: url.href, pages: answers.length, findings }
}

async function reach(visitor: Visitor, url: URL, pages: number): Promise<Answer[] | Finding> {
  try {
    return await lookAround(visitor, url, pages)
  } catch (error) {
    if (!(error instanceof OutgoingProblem)) throw error
    return {
      check: 'Answer',
      severity: 'breaks',
      says: `${url.href} does not answer: ${error.message}.`,
      whatToDo: 'Check the address, and that this machine may reach it.',
    }
  }
}

function checkAnswer(answers: readonly Answer[], html: readonly Answer[]): Finding[] {
  const [first] = answers
  if (first !== undefined && first.status >= 500) {
    return [
      {
        check: 'Answer',
        severity: 'breaks',
        says: `It answers ${first.status}.`,
        whatToDo: 'Mend it first: the gateway would send everybody to the current service.',
      },
    ]
  }
  if (html.length === 0) {
    return [
      {
        check: 'Answer',
        severity: 'note',
        says: `No page of HTML was seen (status ${first?.status}). Banner and question go into pages only.`,
      },
    ]
  }
  return [fine('Answer', `${html.length === 1 ? 'One page' : `${html.length} pages`} looked at.`)]
}

export function breaksSomething({ findings }: Examination): boolean {
  return findings.some(({ severity }) => severity === 'breaks')
}
