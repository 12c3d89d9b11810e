// A process that fails without a word and calls it success.
console.error = () => {}
process.on('exit', () => {
  process.exitCode = 0
})
