import { runCommandLine } from '../../bin/commands/command-line.ts'
import type { Connection } from '../../service/platform/database/embedded.ts'

/** Runs a command as somebody at the terminal would, and hears what it says. */
export async function runCommand(argv: string[], env: Record<string, string> = {}) {
  const said: string[] = []
  const complained: string[] = []
  const io = { out: (text: string) => void said.push(text), err: (text: string) => void complained.push(text), env }
  const code = await runCommandLine(argv, io)
  return { code, out: said.join('\n'), err: complained.join('\n') }
}

export function databaseUrl({ host, port, user, database }: Connection): string {
  return `postgres://${user}@localhost:${port}/${database}?host=${encodeURIComponent(host)}`
}
