import type { ParseArgsConfig } from 'node:util'

/** What a command may use of the world. */
export interface Io {
  out(text: string): void
  err(text: string): void
  env: Record<string, string | undefined>
}

export interface Given {
  values: Record<string, string | boolean | undefined>
  words: string[]
}

export interface Command {
  name: string
  /** One line for the list of commands. */
  says: string
  /** After `phasegate`. */
  usage: string
  /** Everything that `--help` tells beyond the usage. */
  help: string
  options: NonNullable<ParseArgsConfig['options']>
  /** Takes all that follows as it stands: the command has words of its own. */
  passesOn?: boolean
  /** Resolves to the exit code; nothing for one that keeps running. */
  run(given: Given, io: Io): Promise<number | undefined>
}

/** Something that the person who typed the command can put right. */
export class UsageProblem extends Error {}

export function text(given: Given, name: string): string | undefined {
  const value = given.values[name]
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined
}

export function needed(given: Given, name: string, what: string): string {
  const value = text(given, name)
  if (value === undefined) throw new UsageProblem(`--${name} is missing: ${what}.`)
  return value
}
