// A gateway that waits for ever for what its clients send and take.
import http from 'node:http'

const { createServer } = http
http.createServer = ((options: http.ServerOptions, ...rest: never[]) =>
  createServer({ ...options, headersTimeout: 0, keepAliveTimeout: 0 }, ...rest)) as typeof createServer

const { setInterval: every } = globalThis
globalThis.setInterval = ((run: () => void, ms: number) => every(ms === 5000 ? () => {} : run, ms)) as typeof every
