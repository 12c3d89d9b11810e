import { parseArgs } from 'node:util'
import { sendVisitors } from './visitors.ts'

const { values } = parseArgs({
  options: {
    to: { type: 'string', default: 'http://127.0.0.1:4610' },
    visitors: { type: 'string', default: '50' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    invitation: { type: 'string', multiple: true, default: [] },
    help: { type: 'boolean', default: false },
  },
})

if (values.help) {
  console.log('node example/send.ts [--visitors 50] [--to http://127.0.0.1:4610] [--seed 1] [--invitation LINK …]')
} else {
  const progress = await sendVisitors({
    gatewayUrl: values.to,
    visitors: Number(values.visitors),
    seed: Number(values.seed),
    invitations: values.invitation,
    progress: ({ sent, of }) => process.stdout.write(`\r${sent} of ${of}`),
  })
  const { arms, completed, refused, failed, left, ratings } = progress
  console.log(`\ncurrent ${arms.current}, new ${arms.new}`)
  console.log(`completed ${completed}, refused ${refused}, failed ${failed}, left ${left}, ratings ${ratings}`)
}
