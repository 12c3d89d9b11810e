import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chmod, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { type Browser, chromium } from 'playwright-core'

interface Found {
  executablePath: string
  env: Record<string, string>
}

export interface BrowserOptions {
  /** Host names that must lead to this machine, such as `parking.test`: cookies ignore ports, so two hosts need two names. */
  hosts?: string[]
}

const modules = new URL('../../node_modules/', import.meta.url)
const shared = new Map<string, Promise<Browser>>()

/** One Chromium for all test files of the process. Give each test a context of its own: `browser.newContext()`. */
export function launchBrowser({ hosts = [] }: BrowserOptions = {}): Promise<Browser> {
  const key = hosts.toSorted().join()
  const running = shared.get(key)
  if (running) return running
  const starting = start(hosts)
  shared.set(key, starting)
  return starting
}

/** For programs that must end by themselves; tests are ended by `--test-force-exit`, and Chromium with them. */
export async function closeBrowsers(): Promise<void> {
  const browsers = [...shared.values()]
  shared.clear()
  for (const browser of browsers) await (await browser).close()
}

async function start(hosts: string[]): Promise<Browser> {
  const { executablePath, env } = await findChromium()
  const rules = hosts.map((host) => `MAP ${host} 127.0.0.1`)
  return chromium.launch({
    executablePath,
    // Containers often forbid what the sandbox needs, and only pages of our own are opened.
    chromiumSandbox: false,
    env: { ...(process.env as Record<string, string>), ...env },
    args: [
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--disable-domain-reliability',
      '--font-render-hinting=none',
      ...(rules.length > 0 ? [`--host-resolver-rules=${rules.join(', ')}`] : []),
    ],
  })
}

const systemPaths = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome', '/snap/bin/chromium']

/** The one that was asked for, else the system's, else the one that npm brought. */
export async function findChromium(): Promise<Found> {
  const asked = process.env['CHROMIUM_PATH']
  if (asked) return { executablePath: asked, env: {} }
  const system = systemPaths.find((path) => existsSync(path))
  if (system) return { executablePath: system, env: {} }
  const folder = await unpack()
  return {
    executablePath: join(folder, 'chromium'),
    env: {
      LD_LIBRARY_PATH: join(folder, 'al2023', 'lib'),
      FONTCONFIG_PATH: join(folder, 'fonts'),
      HOME: join(folder, 'home'),
    },
  }
}

/** The package unpacks itself into the temporary folder only when it believes that it runs on AWS Lambda. */
async function unpack(): Promise<string> {
  const manifest = await readFile(new URL('@sparticuz/chromium/package.json', modules), 'utf8')
  const { version } = JSON.parse(manifest) as { version: string }
  const folder = join(fileURLToPath(modules), '.cache', `chromium-${version}`)
  if (existsSync(folder)) return folder
  const unfinished = `${folder}.${process.pid}`
  await mkdir(join(unfinished, 'home'), { recursive: true, mode: 0o700 })
  try {
    // In a process of its own, because importing the package changes the environment for good.
    const script = 'const { default: chromium } = await import("@sparticuz/chromium"); await chromium.executablePath()'
    await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], {
      cwd: new URL('../..', import.meta.url),
      env: { PATH: process.env['PATH'] ?? '', TMPDIR: unfinished, AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs22.x' },
    })
    await chmod(join(unfinished, 'chromium'), 0o755)
    await writeFile(join(unfinished, 'fonts', 'fonts.conf'), fontSettings(folder))
    await rename(unfinished, folder).catch((error: NodeJS.ErrnoException) => {
      // Another run was quicker.
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error
    })
  } finally {
    await rm(unfinished, { recursive: true, force: true })
  }
  return folder
}

/** The package's own settings look for its fonts where Lambda would have them. */
function fontSettings(folder: string): string {
  const folders = [join(folder, 'fonts'), '/usr/share/fonts', '/usr/local/share/fonts']
  return `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  ${folders.map((path) => `<dir>${path}</dir>`).join('\n  ')}
  <cachedir>${join(folder, 'fonts-cache')}</cachedir>
</fontconfig>
`
}
