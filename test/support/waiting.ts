import type { TestApp } from './app.ts'
import { until } from './until.ts'

/** The newest link to the waiting list that was mailed to this address, as the gateway forwards it. */
export async function waitingLinkOf(app: TestApp, email: string, more = 1): Promise<string> {
  await app.phasegate.platform.jobs.now('admission-applicants', app.phasegate.platform)
  await app.phasegate.platform.mail.deliverDue()
  const found = () => mailsAboutPlaces(app, email)
  await until(`${more} mails about the waiting list to ${email}`, () => found().length >= more)
  const link = /http\S+\/waiting\/\S+/.exec(found().at(-1)?.text ?? '')?.[0]
  if (link === undefined) throw new Error(`No mail about the waiting list came to ${email}`)
  const { pathname } = new URL(link)
  return pathname.replace(/^\/go\//, '/edge/')
}

function mailsAboutPlaces(app: TestApp, email: string): TestApp['mails'] {
  return app.mails.filter(({ to, text }) => to === email && /\/waiting\/[\w-]{20}/.test(text))
}

/** Asked for and confirmed: somebody who waits. The link shows how it stands. */
export async function aWaitingPerson(
  app: TestApp,
  key: string,
  email: string,
  answers: Record<string, string | string[]> = {},
): Promise<string> {
  const before = mailsAboutPlaces(app, email).length
  const asked = await app.asGateway.post(
    `/edge/${key}/waiting`,
    { email, ...answers },
    { 'x-phasegate-visitor': email },
  )
  if (asked.status !== 200) throw new Error(`Nobody could ask for a place: ${asked.text}`)
  const link = await waitingLinkOf(app, email, before + 1)
  const confirmed = await app.asGateway.post(`${link}/confirm`)
  if (confirmed.status !== 200) throw new Error(`The place was not confirmed: ${confirmed.text}`)
  return link
}
