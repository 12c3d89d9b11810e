// A process for which the time that a pass or a session ends never comes.
const RealDate = Date
const started = RealDate.now()
const frozen = (): number => started
Object.assign(globalThis.Date, { now: frozen })
Object.assign(globalThis, {
  Date: new Proxy(RealDate, {
    construct: (target, args: unknown[], self) =>
      Reflect.construct(target, args.length === 0 ? [started] : args, self) as object,
  }),
})
