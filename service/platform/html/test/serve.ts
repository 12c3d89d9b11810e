import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { assetList } from '../index.ts'
import { galleryPages } from './gallery.ts'

/** The gallery under a content security policy as strict as the product's. */
export const serveGallery = async (): Promise<{ url: string; close: () => Promise<void> }> => {
  const server = createServer((request, response) => {
    const path = (request.url ?? '/').split('?')[0] ?? '/'
    const asset = assetList.find((each) => each.path === path)
    if (asset) return void response.writeHead(200, { 'content-type': asset.type }).end(asset.body)
    const page = galleryPages[path.slice(1)]
    if (!page) return void response.writeHead(404).end()
    response.writeHead(200, {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy':
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'",
    })
    response.end(page().toString())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
}
