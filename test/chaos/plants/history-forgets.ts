// A service that never comes back to what it could not record at once.
const { setInterval: repeat } = globalThis
const recordEveryMs = 2_000
Object.assign(globalThis, {
  setInterval: (work: () => void, ms: number, ...rest: unknown[]) =>
    ms === recordEveryMs ? repeat(() => {}, 60_000).unref() : Reflect.apply(repeat, globalThis, [work, ms, ...rest]),
})
