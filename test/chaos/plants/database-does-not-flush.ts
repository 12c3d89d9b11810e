// A PostgreSQL that never waits for the disk.
import child_process from 'node:child_process'
import { syncBuiltinESMExports } from 'node:module'

const spawn = child_process.spawn as (...args: unknown[]) => child_process.ChildProcess
Object.assign(child_process, {
  spawn: (program: string, args: string[], ...rest: unknown[]) => {
    const isServer = [program, ...args].some((each) => each.endsWith('/bin/postgres'))
    return spawn(program, [...args, ...(isServer ? ['-c', 'fsync=off'] : [])], ...rest)
  },
})
syncBuiltinESMExports()
