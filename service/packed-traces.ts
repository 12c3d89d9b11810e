import { readFileSync } from 'node:fs'
import { SourceMap } from 'node:module'
import { fileURLToPath } from 'node:url'

const place = /file:\/\/\S+\.mjs(?=:\d+:\d+)/
const lineAndColumn = /^:(\d+):(\d+)/

/**
 * Traces of packed code name the files that it was made from. Node can do that as well, but reads all maps at each start for it,
 * which takes a tenth of a second; here the first trace that somebody looks at does.
 */
export function nameFilesInTraces(): void {
  const maps = new Map<string, SourceMap | null>()
  const mapOf = (packed: string): SourceMap | null => {
    const known = maps.get(packed)
    if (known !== undefined) return known
    const map = readMap(packed)
    maps.set(packed, map)
    return map
  }
  Error.prepareStackTrace = (error, sites) =>
    [words(error), ...sites.map((site) => `    at ${inFiles(String(site), mapOf)}`)].join('\n')
}

function inFiles(site: string, mapOf: (packed: string) => SourceMap | null): string {
  const found = place.exec(site)
  if (found === null) return site
  const [packed] = found
  const after = site.slice(found.index + packed.length)
  const [whole = '', line, column] = lineAndColumn.exec(after) ?? []
  const origin = mapOf(packed)?.findOrigin(Number(line), Number(column))
  if (origin === undefined || !('fileName' in origin)) return site
  const file = new URL(origin.fileName, packed).href
  return `${site.slice(0, found.index)}${file}:${origin.lineNumber}:${origin.columnNumber}${after.slice(whole.length)}`
}

function readMap(packed: string): SourceMap | null {
  try {
    return new SourceMap(JSON.parse(readFileSync(`${fileURLToPath(packed)}.map`, 'utf8')))
  } catch {
    return null
  }
}

function words(error: Error): string {
  try {
    return String(error)
  } catch {
    return 'Error'
  }
}
