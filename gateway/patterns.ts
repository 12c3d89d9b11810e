/** `/assets/**`, `POST /apply/send`: `*` is one segment or a part of one, `**` the rest. */
export interface PathPattern {
  method: string
  test(path: string): boolean
}

export function compilePattern(pattern: string): PathPattern {
  const [, method = 'GET', path = '/'] = /^(?:([A-Z]+)\s+)?(.*)$/.exec(pattern.trim()) ?? []
  if (!path.includes('*')) return { method, test: (given) => given === path || given === `${path}/` }
  const source = path
    .split(/(\/\*\*$|\*\*|\*)/)
    .map((part) =>
      part === '/**'
        ? '(?:/.*)?'
        : part === '**'
          ? '.*'
          : part === '*'
            ? '[^/]+'
            : part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'),
    )
    .join('')
  const expression = new RegExp(`^${source}/?$`)
  return { method, test: (given) => given.length <= 2000 && expression.test(given) }
}

export function anyMatches(patterns: readonly PathPattern[], path: string): boolean {
  for (const pattern of patterns) if (pattern.test(path)) return true
  return false
}
