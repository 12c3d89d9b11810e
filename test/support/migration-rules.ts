/** What a release may do to the schema while the one before it still runs on it: docs/rules/migrations.md. */
const contracts: readonly [says: string, pattern: RegExp][] = [
  ['drops a table', /\bdrop\s+table\b/],
  [
    'drops a column',
    /\bdrop\s+column\b|\balter\s+table\b[^;]*\bdrop\s+(?!column\b|constraint\b|not\b|default\b|identity\b|expression\b)\w+/,
  ],
  ['drops a view, a type or a function', /\bdrop\s+(view|materialized\s+view|type|function|domain|sequence)\b/],
  ['renames', /\brename\s+(to|column|constraint|value)\b|\balter\s+table\b[^;]*\brename\b/],
  ['changes the type of a column', /\balter\s+(column\s+)?\w+\s+(set\s+data\s+)?type\b/],
  ['demands a value that was optional', /\bset\s+not\s+null\b/],
  [
    'adds a column that must have a value and has none',
    /\badd\s+(column\s+)?(?!constraint\b)\w+\s(?![^,;]*\b(default|generated)\b)[^,;]*\bnot\s+null\b/,
  ],
  [
    'adds a rule that rows of the release before may break',
    /\badd\s+(constraint\s+\w+\s+)?(check|unique|exclude|foreign\s+key)\b/,
  ],
  ['takes values out', /^\s*(truncate|delete\s+from)\b/],
]

/** A line of the migration that says what is no longer used, and by programs that know which migration. */
const recorded = /^-- contract since \d{4}: \S.{10,}$/m

/** MIG-2: what of a migration the release before might stumble over, unless it is recorded as a contract. */
export function stumblingBlocks(sql: string): string[] {
  if (recorded.test(sql)) return []
  const statements = withoutTexts(sql).toLowerCase()
  const ownTables = [...statements.matchAll(/\bcreate\s+table\s+(?:if\s+not\s+exists\s+)?(\w+)/g)].map(
    ([, name]) => name,
  )
  const replaced = [...statements.matchAll(/\bdrop\s+constraint\s+(?:if\s+exists\s+)?(\w+)/g)].map(([, name]) => name)
  return statements.split(';').flatMap((statement) => {
    const altered = /\balter\s+table\s+(?:only\s+)?(\w+)/.exec(statement)?.[1]
    // Nobody uses a table yet that this very migration makes.
    if (altered !== undefined && ownTables.includes(altered)) return []
    // A check in place of one of the same name allows more than that: whoever reviews the migration looks.
    const added = /\badd\s+constraint\s+(\w+)\s+check\b/.exec(statement)?.[1]
    const widens = added !== undefined && replaced.includes(added)
    return contracts
      .filter(([says]) => !(widens && says.startsWith('adds a rule')))
      .filter(([, pattern]) => pattern.test(statement))
      .map(([says]) => `${says}: ${statement.trim().replaceAll(/\s+/g, ' ').slice(0, 120)}`)
  })
}

/** Without comments, texts, and the bodies of functions, which act later. */
function withoutTexts(sql: string): string {
  return sql
    .replaceAll(/--[^\n]*/g, '')
    .replaceAll(/\/\*[\s\S]*?\*\//g, '')
    .replaceAll(/\$(\w*)\$[\s\S]*?\$\1\$/g, "''")
    .replaceAll(/'(?:[^']|'')*'/g, "''")
}
