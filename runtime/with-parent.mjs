// Loaded by run.mjs into what it starts: ends this process as a TERM signal would when run.mjs is gone,
// however it went, so that nothing is left behind.
const parent = Number(process.env.PHASEGATE_PARENT)
delete process.env.PHASEGATE_PARENT
if (parent) {
  const timer = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(timer)
    process.kill(process.pid, 'SIGTERM')
  }, 250)
  timer.unref()
}
