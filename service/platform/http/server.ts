import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import cookie from '@fastify/cookie'
import formbody from '@fastify/formbody'
import rateLimit from '@fastify/rate-limit'
import swagger from '@fastify/swagger'
import Fastify, { LogController } from 'fastify'
import { serializerCompiler, validatorCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod'
import helmet from 'helmet'
import { isSecure } from '../config.ts'
import { installConfirmation } from '../accounts/index.ts'
import type { Platform } from '../context.ts'
import type { Html } from '../html/index.ts'
import type { App } from './app-type.ts'
import { installBodies } from './body.ts'
import { installDrain } from './drain.ts'
import { installDoor, type DoorParts } from './door.ts'
import { answerUnreadable, installErrors } from './errors.ts'
import { networkOf } from './network.ts'
import { describeWith, openApi } from './open-api.ts'
import { useOwnWords } from './field-words.ts'
import { closeStreams } from './stream.ts'

declare module 'fastify' {
  interface FastifyReply {
    /** Sends a whole document. */
    page(document: Html | Promise<Html>): Promise<FastifyReply>
  }
  interface FastifyContextConfig {
    /** It answers programs alone: what tells a browser what a page may do is left out. */
    isNoPage?: boolean
  }
}

export interface ServerParts extends DoorParts {
  /** Requests a minute from one address, for callers without a key. */
  perMinute: number
  version: string
}

function notAsked(): never {
  throw new Error('Schemas are checked and written by zod')
}

/** The server with everything that holds for every URL; the domains add theirs. */
export async function createServer(parts: ServerParts): Promise<App> {
  const { platform } = parts
  useOwnWords()
  const fastify = Fastify({
    loggerInstance: platform.log,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'requestId' }),
    genReqId: () => randomUUID(),
    frameworkErrors: answerUnreadable,
    requestIdHeader: false,
    bodyLimit: 2 * 1024 * 1024,
    routerOptions: { maxParamLength: 200 },
    trustProxy: platform.config.trustedProxies.length > 0 ? platform.config.trustedProxies : false,
    // What is being answered is answered to its end; a proxy would else have to tell people that it failed.
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    requestTimeout: 60_000,
    // Fastify would otherwise read a validator of JSON Schema, a hundred files, before it hears that zod does its work.
    schemaController: { compilersFactory: { buildValidator: notAsked, buildSerializer: notAsked } },
  })
  fastify.setValidatorCompiler(validatorCompiler)
  fastify.setSerializerCompiler(serializerCompiler)
  const app = fastify.withTypeProvider<ZodTypeProvider>() as unknown as App

  app.decorateReply('page', async function page(document: Html | Promise<Html>) {
    const text = (await document).toString()
    if (!this.hasHeader('cache-control')) this.header('cache-control', 'no-store')
    return this.type('text/html; charset=utf-8').send(text)
  })
  installPageHeaders(app, platform)
  await app.register(rateLimit, {
    max: parts.perMinute,
    timeWindow: 60_000,
    keyGenerator: (request) => networkOf(request.ip),
    // A key that was found: any word in the header would else be a way round the limit.
    allowList: (request) => request.context.actor.kind === 'key',
    errorResponseBuilder: (_request, { statusCode }) => Object.assign(new Error('Too many requests'), { statusCode }),
  })
  await app.register(cookie)
  await app.register(formbody, { bodyLimit: 256 * 1024 })
  await app.register(swagger, { openapi: openApi(parts.version), transform: describeWith(parts.table) })
  installBodies(app)
  installErrors(app)
  installDoor(app, parts)
  installConfirmation(app)
  installLog(app)
  installDrain(app)
  app.addHook('preClose', async () => closeStreams(app))
  return app
}

function installPageHeaders(app: App, platform: Platform): void {
  const setHeaders = helmet(securityHeaders(platform))
  app.addHook('onRequest', ({ raw, routeOptions }, reply, done) => {
    if (routeOptions.config.isNoPage === true) done()
    else setHeaders(raw, reply.raw, () => done())
  })
}

function securityHeaders(platform: Platform) {
  const self = ["'self'"]
  return {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: self,
        styleSrc: self,
        imgSrc: [...self, 'data:'],
        connectSrc: self,
        formAction: self,
        baseUri: ["'none'"],
        frameAncestors: ["'none'"],
      },
    },
    strictTransportSecurity: isSecure(platform.config) ? { maxAge: 31_536_000 } : (false as const),
    referrerPolicy: { policy: 'same-origin' as const },
    crossOriginResourcePolicy: false as const,
  }
}

/**
 * One line a request: the route's pattern, never the address itself, which can hold a one-time link. None of what runs as an
 * answer is sent returns a promise: `send` would then end after the handler, which awaits the stream for it, and each request
 * would be kept until the old generation is collected.
 */
function installLog(app: App): void {
  app.addHook('onSend', (request, reply, _payload, done) => {
    reply.header('x-request-id', request.id)
    done()
  })
  app.addHook('onResponse', (request, reply, done) => {
    request.log.info(
      {
        method: request.method,
        route: request.routeOptions.url ?? 'none',
        status: reply.statusCode,
        ms: Math.round(reply.elapsedTime),
      },
      'answered',
    )
    done()
  })
}

export async function readVersion(): Promise<string> {
  const text = await readFile(new URL('../../../package.json', import.meta.url), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}
