import { parseArgs } from 'node:util'
import { acceptance } from './acceptance.ts'
import { add } from './add.ts'
import { audit } from './audit.ts'
import { backup } from './backup.ts'
import { UsageProblem, type Command, type Io } from './command.ts'
import { doctor } from './doctor.ts'
import { halt } from './halt.ts'
import { StartProblem } from '../../service/platform/index.ts'
import { ApiProblem } from './installation.ts'
import { invite } from './invite.ts'
import { permissions } from './permissions.ts'
import { restore } from './restore.ts'
import { start } from './start.ts'
import { verify } from './verify.ts'

export const commands: readonly Command[] = [
  start,
  add,
  doctor,
  invite,
  halt,
  backup,
  restore,
  verify,
  audit,
  permissions,
  acceptance,
]

/** Runs one command; resolves to the exit code: 0 done, 1 refused or something found, 2 not understood. */
export async function runCommandLine(argv: readonly string[], io: Io): Promise<number | undefined> {
  const [name, ...rest] = argv
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    io.out(overview())
    return name === undefined ? 2 : 0
  }
  const command = commands.find((each) => each.name === name)
  if (command === undefined) {
    io.err(`There is no command “${name}”.\n\n${overview()}`)
    return 2
  }
  if (rest.includes('--help') || rest.includes('-h')) {
    io.out(`Usage: phasegate ${command.usage}\n\n${command.help.replace(/^\n+/, '').trimEnd()}`)
    return 0
  }
  try {
    return await command.run(read(command, rest), io)
  } catch (problem) {
    if (problem instanceof UsageProblem) {
      io.err(`${problem.message}\n\nUsage: phasegate ${command.usage}`)
      return 2
    }
    if (!(problem instanceof ApiProblem || problem instanceof StartProblem)) throw problem
    io.err(problem.message)
    return 1
  }
}

function read(command: Command, rest: string[]) {
  if (command.passesOn === true) return { values: {}, words: rest }
  try {
    const { values, positionals } = parseArgs({ args: rest, options: command.options, allowPositionals: true })
    return { values: values as Record<string, string | boolean | undefined>, words: positionals }
  } catch (error) {
    throw new UsageProblem((error as Error).message.split('. ')[0] ?? 'This cannot be read')
  }
}

function overview(): string {
  const lines = commands.map(({ name, says }) => `  ${name.padEnd(12)}${says}`)
  return [
    'Usage: phasegate COMMAND [--help]',
    '',
    ...lines,
    '',
    'add, invite and halt talk to a running installation: PHASEGATE_URL (http://127.0.0.1:4600) with PHASEGATE_ADMIN_KEY;',
    'halt also works without either, on the machine of a gateway.',
  ].join('\n')
}
