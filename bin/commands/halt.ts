import { existsSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { askForHalt, isAsked, knownServices } from '../../gateway/local-halt.ts'
import { defaultDataDirectory } from '../../service/platform/data-directory.ts'
import { text, UsageProblem, type Command, type Given, type Io } from './command.ts'
import { ApiProblem, ask, DoesNotAnswer } from './installation.ts'

export const halt: Command = {
  name: 'halt',
  says: 'Halt the beta: everybody goes to the current service at once',
  usage: 'halt SERVICE [--reason TEXT] [--state FOLDER]',
  help: `
Everybody is sent to the current service, or to the holding page where there is none, within a second.
Only a named person lifts a halt, on the page “Who gets in”.

  --reason TEXT    why; it stands in the history, and can follow
  --state FOLDER   the folder in which the gateway of this machine keeps its state; the folder "gateway" of
                   the data folder (PHASEGATE_DATA) unless told

With PHASEGATE_ADMIN_KEY the installation is asked (PHASEGATE_URL). Where there is no key, or the installation or its
database does not answer, the gateway on this machine is halted by itself: who may write to its folder may halt. It needs
nothing else to be up, and history gets it, with the account that did it, when the installation is back.

Ends with 0 when the halt is in force, or will be as soon as a gateway that is down starts; else with 1.`,
  options: { reason: { type: 'string' }, state: { type: 'string' } },
  async run(given, io) {
    const [service] = given.words
    if (service === undefined || given.words.length > 1) throw new UsageProblem('Give the key of one service.')
    const reason = text(given, 'reason') ?? ''
    if (io.env.PHASEGATE_ADMIN_KEY) {
      const problem = await askInstallation(io, service, reason)
      if (problem === null) {
        io.out(
          'Halted. Everybody gets the current service now. A named person lifts the halt on the page “Who gets in”.',
        )
        return 0
      }
      io.err(problem)
    }
    return haltHere(io, stateFolder(given, io), { service, reason })
  },
}

const answerLimitMs = 3_000

/** Null when it is done, and why not where it does not answer. A refusal is the answer. */
async function askInstallation(io: Io, service: string, reason: string): Promise<string | null> {
  try {
    await ask(io, 'POST', `/api/v1/services/${encodeURIComponent(service)}/halt`, { reason }, answerLimitMs)
    return null
  } catch (error) {
    if (error instanceof DoesNotAnswer) return error.message
    throw error
  }
}

function stateFolder(given: Given, io: Io): string {
  const told = text(given, 'state')
  return resolve(told ?? join(io.env.PHASEGATE_DATA || defaultDataDirectory(), 'gateway'))
}

const confirmLimitMs = 3_000

async function haltHere(io: Io, state: string, wanted: { service: string; reason: string }): Promise<number> {
  const { service, reason } = wanted
  mustKnow(state, service)
  if (!leave(state, service, reason))
    io.err('There is no room on the disk to keep who halted and why: say it on the page “Who gets in” later.')
  const until = performance.now() + confirmLimitMs
  while (isAsked(state, service) && performance.now() < until) await pause(20)
  if (isAsked(state, service)) {
    io.out(
      `The gateway of ${state} does not run. The halt of “${service}” is in force as soon as it starts, and then stands in the history.`,
    )
    return 0
  }
  io.out(
    `Halted at the gateway on this machine: everybody who comes by it gets the current service now. It is told to the ` +
      'installation and stands in its history as soon as that answers; a named person lifts it there, on the page “Who gets in”.',
  )
  return 0
}

function leave(state: string, service: string, reason: string): boolean {
  try {
    return askForHalt(state, service, { at: new Date().toISOString(), by: accountName(), reason })
  } catch (error) {
    throw new ApiProblem(
      `The gateway's folder ${state} cannot be written to: ${(error as Error).message}. Use the account that the gateway runs as, or root.`,
      { cause: error },
    )
  }
}

function mustKnow(state: string, service: string): void {
  if (!existsSync(state)) {
    throw new ApiProblem(
      `There is no gateway's state in ${state}. Name the folder with --state, or set PHASEGATE_ADMIN_KEY to ask the installation.`,
    )
  }
  const known = knownServices(state)
  if (known.length > 0 && !known.includes(service))
    throw new ApiProblem(`The gateway on this machine has no service “${service}”. It has: ${known.join(', ')}.`)
}

function accountName(): string {
  try {
    return userInfo().username
  } catch {
    return ''
  }
}
