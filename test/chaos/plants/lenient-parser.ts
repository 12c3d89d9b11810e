// A gateway that reads as leniently as Node can.
import http from 'node:http'

const { createServer } = http
http.createServer = ((options: http.ServerOptions, ...rest: never[]) =>
  createServer({ ...options, insecureHTTPParser: true }, ...rest)) as typeof createServer
