import { spawn, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** `npm run bench` for all figures in turn, `npm run bench -- events` for one; what follows the name goes on to it. */
const folder = fileURLToPath(new URL('.', import.meta.url))
const benches = [
  'start',
  'pages',
  'events',
  'gateway',
  'decisions',
  'ofrep',
  'streams',
  'feed',
  'cohort',
  'csv',
  'people',
  'draw',
]
const besidePeers = ['gateway', 'decisions', 'ofrep']
const [asked, ...rest] = process.argv.slice(2)

if (asked !== undefined && !benches.includes(asked)) {
  console.error(`There is no bench ${asked}. There are: ${benches.join(', ')}.`)
  process.exit(1)
}
const chosen = asked === undefined ? benches : [asked]
if (chosen.some((name) => besidePeers.includes(name)) && !existsSync(`${folder}node_modules`)) {
  // The peers that ours is measured against are nobody else's dependencies.
  spawnSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: folder, stdio: 'inherit' })
}
for (const name of chosen) {
  const child = spawn(process.execPath, [`${folder}${name}.ts`, ...rest], { stdio: 'inherit' })
  const stop = () => child.kill('SIGTERM')
  process.once('SIGTERM', stop).once('SIGINT', stop)
  const code = await new Promise<number>((resolve) => child.once('exit', (status) => resolve(status ?? 1)))
  process.off('SIGTERM', stop).off('SIGINT', stop)
  if (code !== 0) process.exit(code)
}
