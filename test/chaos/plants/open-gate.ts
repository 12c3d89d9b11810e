// A server at whose gate nobody waits.
const wait = globalThis.setTimeout
Object.assign(globalThis, {
  setTimeout: (...args: unknown[]): unknown => {
    const isAtGate = new Error('where').stack?.includes('stream-gate') === true
    return Reflect.apply(wait, globalThis, isAtGate ? [args[0], 0] : args)
  },
})
