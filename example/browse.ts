/** A browser without a screen: keeps cookies, follows redirects, reads forms. For visitors and for tests. */
export interface Page {
  status: number
  /** The path where the redirects ended. */
  path: string
  text: string
  headers: Headers
}

export interface Browser {
  cookies: Map<string, string>
  get(path: string): Promise<Page>
  post(path: string, form: Record<string, string>, headers?: Record<string, string>): Promise<Page>
}

const mostRedirects = 8

export function openBrowser(origin: string, headers: Record<string, string> = {}): Browser {
  const cookies = new Map<string, string>()

  async function ask(path: string, init: RequestInit): Promise<Page> {
    let url = new URL(path, origin)
    let next = init
    for (let hop = 0; hop <= mostRedirects; hop++) {
      const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
      const sent = { ...headers, ...(next.headers as Record<string, string>), ...(cookie ? { cookie } : {}) }
      const response = await fetch(url, { ...next, headers: sent, redirect: 'manual' })
      keepCookies(cookies, response.headers.getSetCookie())
      const location = response.headers.get('location')
      const text = await response.text()
      if (!location || response.status < 300 || response.status > 399) {
        return { status: response.status, path: url.pathname, text, headers: response.headers }
      }
      url = new URL(location, url)
      if (response.status !== 307 && response.status !== 308) next = { method: 'GET' }
    }
    throw new Error(`more than ${mostRedirects} redirects from ${path}`)
  }

  return {
    cookies,
    get: (path) => ask(path, { method: 'GET', headers: { accept: 'text/html' } }),
    post: (path, form, more = {}) =>
      ask(path, {
        method: 'POST',
        headers: { accept: 'text/html', origin, 'sec-fetch-site': 'same-origin', ...more },
        body: new URLSearchParams(form),
      }),
  }
}

/** What the hidden fields of a page's form hold: of the first form whose action ends so. */
export function hiddenFields(page: Page, actionEnds: string): Record<string, string> | null {
  for (const [, attributes = '', inside = ''] of page.text.matchAll(/<form\b([^>]*)>([\s\S]*?)<\/form>/gi)) {
    const action = /action="([^"]*)"/i.exec(attributes)?.[1] ?? page.path
    if (!action.endsWith(actionEnds)) continue
    const fields = [...inside.matchAll(/<input\b[^>]*type="hidden"[^>]*>/gi)].map(([input]) => [
      /name="([^"]*)"/i.exec(input)?.[1] ?? '',
      /value="([^"]*)"/i.exec(input)?.[1] ?? '',
    ])
    return Object.fromEntries(fields)
  }
  return null
}

function keepCookies(cookies: Map<string, string>, setCookies: string[]): void {
  for (const setCookie of setCookies) {
    const [pair = '', ...attributes] = setCookie.split(';')
    const at = pair.indexOf('=')
    const name = pair.slice(0, at).trim()
    const over = attributes.some((attribute) => /^\s*(max-age=0|expires=thu, 01 jan 1970)/i.test(attribute))
    if (over) cookies.delete(name)
    else cookies.set(name, pair.slice(at + 1).trim())
  }
}
