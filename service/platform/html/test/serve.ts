import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { assetList, html, input, liveRegion, progress, teamPage } from '../index.ts'
import { missingPage } from './gallery-forms.ts'
import { frame, galleryPages } from './gallery.ts'

export interface Gallery {
  url: string
  /** What the live page says from now on; open pages are told. */
  say(words: string): void
  close(): Promise<void>
}

const policy =
  "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'"

/** The gallery under a content security policy as strict as the product's. */
export const serveGallery = async (): Promise<Gallery> => {
  let words = 'First words'
  const listeners = new Set<ServerResponse>()
  const livePage = () =>
    teamPage(
      frame('Live', 'Overview', { live: '/live-events' }),
      html`${liveRegion('said', html`<p>${words}</p>`, { announce: true })}
      ${liveRegion('typed', html`<p>${words}</p>${input({ name: 'note', label: 'Note' })}`)}`,
    )
  let done = 0
  const progressPage = () => {
    done = Math.min(3, done + 1)
    const words = done === 3 ? 'All done, 3 of 3' : `${done} of 3`
    return teamPage(
      frame('Progress', 'Overview'),
      progress({ id: 'work', value: done, max: 3, words, isDone: done === 3 }),
    )
  }
  const server = createServer((request, response) => {
    const path = (request.url ?? '/').split('?')[0] ?? '/'
    if (path === '/live-events') {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write('event: hello\ndata: {}\n\n')
      listeners.add(response)
      response.on('close', () => listeners.delete(response))
      return
    }
    const asset = assetList.find((each) => each.path === path)
    if (asset) {
      response.writeHead(200, { 'content-type': asset.type }).end(asset.body)
      return
    }
    const page = { ...galleryPages, live: livePage, progress: progressPage }[path.slice(1)]
    response.writeHead(page ? 200 : 404, {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': policy,
    })
    response.end((page ?? missingPage)().toString())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    say(next) {
      words = next
      for (const response of listeners) response.write('event: changed\ndata: {"topic":"history"}\n\n')
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
