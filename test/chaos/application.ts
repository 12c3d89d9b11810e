// One version of a service, as a process that can be killed: `application.ts NAME PORT`.
import http from 'node:http'

const [name = '', port = '0'] = process.argv.slice(2)

/** More than any buffer on the way holds. */
const big = Buffer.alloc(24 * 1024 * 1024, 'b')

const server = http.createServer({ keepAliveTimeout: 30_000 }, (request, response) => {
  let bytes = 0
  request.on('data', (chunk: Buffer) => (bytes += chunk.length))
  request.on('error', () => {})
  request.on('end', () => {
    const isFile = request.url?.startsWith('/assets/') === true
    response.setHeader('X-Served-By', name)
    response.setHeader('Content-Type', isFile ? 'text/css' : 'text/html; charset=utf-8')
    if (isFile || request.url?.startsWith('/cached')) response.setHeader('Cache-Control', 'public, max-age=600')
    if (request.url?.startsWith('/big')) return void response.end(big)
    response.end(isFile ? `/* ${name} */` : `<!doctype html><title>${name}</title><p>${name} ${bytes}</p>\n`)
  })
})
server.listen(Number(port), '127.0.0.1', () => {
  const address = server.address()
  if (address !== null && typeof address === 'object') process.stdout.write(`${address.port}\n`)
})
