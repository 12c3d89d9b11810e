// A process that does not see the lock of another one on its data folder.
import { syncBuiltinESMExports } from 'node:module'
import net from 'node:net'

const connect = net.connect as (...args: unknown[]) => net.Socket
Object.assign(net, {
  connect: (...args: unknown[]) => {
    const [path] = args
    return typeof path === 'string' && /\/lock(\.|$)/.test(path) ? connect('/nobody/listens/here') : connect(...args)
  },
})
syncBuiltinESMExports()
