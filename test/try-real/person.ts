import type { Browser, BrowserContext, Page } from 'playwright-core'
import { eventually } from './report.ts'

/** Somebody with a browser of their own. */
export interface Person {
  context: BrowserContext
  /** Which release answers this person, by what it says of itself. */
  release(): Promise<string>
  /** The editor of Node-RED, loaded and connected. */
  openEditor(): Promise<Page>
  /** Opens the editor and deploys, as people do. */
  deploy(): Promise<void>
  cookie(): Promise<string>
  close(): Promise<void>
}

let people = 0

const change = `if (!document.querySelector('#red-ui-loading-progress')?.checkVisibility()) {
  RED.nodes.dirty(true)
  document.querySelector('#red-ui-header-button-deploy').click()
}`

export async function aPerson(browser: Browser, origin: string): Promise<Person> {
  // All come from one address: the browser's name tells them apart where no pass does.
  const userAgent = `Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/153.0 Try/${++people}`
  const context = await browser.newContext({ userAgent, viewport: { width: 1280, height: 900 } })

  const openEditor = async () => {
    const page = await context.newPage()
    const socket = page.waitForEvent('websocket', {
      predicate: (each) => each.url().startsWith(origin.replace(/^http/, 'ws')),
    })
    await page.goto(origin)
    const heard = (await socket).waitForEvent('framereceived')
    await page.waitForFunction('globalThis.RED?.nodes?.version?.()')
    await heard
    return page
  }
  return {
    context,
    openEditor,
    async release() {
      const response = await context.request.get(`${origin}/settings`)
      if (!response.ok()) throw new Error(`/settings was answered with ${response.status()}`)
      return ((await response.json()) as { version: string }).version
    },
    async deploy() {
      const page = await openEditor()
      let status: number | null = null
      page.on('response', (response) => {
        if (response.request().method() === 'POST' && response.url().endsWith('/flows')) status = response.status()
      })
      // Until it has loaded altogether, the editor forgets that something was changed.
      await eventually(
        async () => {
          if (status === null) await page.evaluate(change)
          return status
        },
        (answered) => answered !== null,
      )
      if (status !== 200) throw new Error(`deploying was answered with ${status}`)
      await page.getByText('Successfully deployed').waitFor({ timeout: 10_000 })
      await page.close()
    },
    async cookie() {
      return (await context.cookies(origin)).map(({ name, value }) => `${name}=${value}`).join('; ')
    },
    close: () => context.close(),
  }
}
