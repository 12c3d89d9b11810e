import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

export interface Asset {
  name: string
  /** Where it is served; the content hash in it allows caching for ever. */
  path: string
  type: string
  body: Buffer
}

const designSystem = dirname(createRequire(import.meta.url).resolve('govuk-frontend/package.json'))
const ours = (name: string): string => readFileSync(join(import.meta.dirname, 'client', name), 'utf8')

// The font and the images of the design system are not ours to serve, and a strict CSP reports unused font faces.
const withoutFontsAndImages = (css: string): string =>
  css
    .replace(/@font-face\s*\{[^}]*\}/g, '')
    .replace(/url\(["']?\/assets\/[^)]*\)/g, 'none')
    .replace(/\/\*# sourceMappingURL=[^*]*\*\//g, '')

const sources: [name: string, type: string, body: string][] = [
  [
    'govuk-frontend.min.css',
    'text/css; charset=utf-8',
    withoutFontsAndImages(readFileSync(join(designSystem, 'dist/govuk/govuk-frontend.min.css'), 'utf8')),
  ],
  [
    'govuk-frontend.min.js',
    'text/javascript; charset=utf-8',
    readFileSync(join(designSystem, 'dist/govuk/govuk-frontend.min.js'), 'utf8').replace(
      /\/\/# sourceMappingURL=.*/,
      '',
    ),
  ],
  ['tokens.css', 'text/css; charset=utf-8', ours('tokens.css')],
  ['phasegate.css', 'text/css; charset=utf-8', ours('phasegate.css')],
  ['phasegate.js', 'text/javascript; charset=utf-8', ours('phasegate.js')],
  ['passkeys.js', 'text/javascript; charset=utf-8', ours('passkeys.js')],
  ['icon.svg', 'image/svg+xml', ours('icon.svg')],
]

// One hash for all, so that one file may import another beside it.
export const assetsHash = createHash('sha256')
  .update(sources.map(([name, , body]) => `${name}\0${body}`).join('\0'))
  .digest('base64url')
  .slice(0, 16)

/** Every file to serve, with `Cache-Control: public, max-age=31536000, immutable`. */
export const assetList: readonly Asset[] = sources.map(([name, type, body]) => ({
  name,
  path: `/assets/${assetsHash}/${name}`,
  type,
  body: Buffer.from(body),
}))

const byName = new Map(assetList.map((asset) => [asset.name, asset]))

/** The asset under /assets/<hash>/<name>, or null. An older hash still finds the file: a page may outlive a release. */
export const findAsset = (name: string): Asset | null => byName.get(name) ?? null

export const assetPath = (name: string, base = ''): string => {
  const asset = byName.get(name)
  if (!asset) throw new TypeError(`No such asset: ${name}`)
  return base + asset.path
}
