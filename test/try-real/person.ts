import type { Browser, BrowserContext, Page } from 'playwright-core'

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
      await page.evaluate('RED.nodes.dirty(true)')
      const answered = page.waitForResponse(
        (response) => response.request().method() === 'POST' && response.url().endsWith('/flows'),
      )
      await page.locator('#red-ui-header-button-deploy').evaluate('(button) => button.click()')
      const { status } = { status: (await answered).status() }
      if (status >= 300) throw new Error(`deploying was answered with ${status}`)
      await page.getByText('Successfully deployed').waitFor({ timeout: 10_000 })
      await page.close()
    },
    async cookie() {
      return (await context.cookies(origin)).map(({ name, value }) => `${name}=${value}`).join('; ')
    },
    close: () => context.close(),
  }
}
