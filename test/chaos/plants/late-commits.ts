// A PostgreSQL that acknowledges before what it wrote is on the disk.
import child_process from 'node:child_process'
import { syncBuiltinESMExports } from 'node:module'

const spawn = child_process.spawn as (...args: unknown[]) => child_process.ChildProcess
Object.assign(child_process, {
  spawn: (program: string, args: string[], ...rest: unknown[]) => {
    const isServer = [program, ...args].some((each) => each.endsWith('/bin/postgres'))
    const careless = isServer ? ['-c', 'synchronous_commit=off', '-c', 'wal_writer_delay=10s'] : []
    return spawn(program, [...args, ...careless], ...rest)
  },
})
syncBuiltinESMExports()
