import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { closeBrowsers, launchBrowser } from './support/browser.ts'
import { exampleWithHistory, type View } from './support/example-pages.ts'

interface Picture extends View {
  name: string
  url: string
}

// What the README shows.
const pictures: Picture[] = [
  { name: 'service', url: '/services/:service', height: 1180 },
  { name: 'service-dark', url: '/services/:service', height: 1180, colorScheme: 'dark' },
  { name: 'who-gets-in', url: '/services/:service/admission', height: 1080 },
  { name: 'measure', url: '/services/:service/measures/:kpi', height: 900 },
  { name: 'gate', url: '/services/:service/gate', height: 1080 },
  { name: 'feedback', url: '/services/:service/feedback', height: 900 },
  {
    name: 'invitation-phone',
    url: '/edge/:service/invitation/:token',
    width: 390,
    height: 844,
    scale: 2,
    asGateway: true,
  },
  { name: 'question-phone', url: '/edge/:service/feedback', width: 390, height: 844, scale: 2, asGateway: true },
]

const folder = join(import.meta.dirname, '..', 'docs', 'pictures')
await mkdir(folder, { recursive: true })
const example = await exampleWithHistory()
const browser = await launchBrowser()
try {
  for (const { name, url, ...view } of pictures) {
    const context = await example.open(browser, view)
    const page = await context.newPage()
    const path = url.replace(/:(\w+)/g, (_, parameter: string) => example.parameter(url, parameter))
    await page.goto(example.app.url + path, { waitUntil: 'load' })
    await page.screenshot({ path: join(folder, `${name}.png`) })
    await context.close()
    console.log(`docs/pictures/${name}.png`)
  }
} finally {
  await closeBrowsers()
  await example.close()
}
process.exit(0)
