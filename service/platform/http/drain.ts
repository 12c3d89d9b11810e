import type { App } from './app-type.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** Before the end: what comes is still answered, and everybody is asked to go to another instance. */
    drain: { isOn: boolean }
  }
}

/** A proxy in front that sends the next request on a kept connection may meet its end: so none is kept. */
export function installDrain(app: App): void {
  const drain = { isOn: false }
  app.decorate('drain', drain)
  app.addHook('onSend', (_request, reply, _payload, done) => {
    if (drain.isOn) reply.header('connection', 'close')
    done()
  })
}
