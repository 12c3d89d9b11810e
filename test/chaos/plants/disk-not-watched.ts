// A service that looked at its disk when it started, and never again.
const { setInterval: repeat } = globalThis
const watchMs = 1_000
Object.assign(globalThis, {
  setInterval: (work: () => void, ms: number, ...rest: unknown[]) =>
    ms === watchMs ? repeat(() => {}, 60_000).unref() : Reflect.apply(repeat, globalThis, [work, ms, ...rest]),
})
