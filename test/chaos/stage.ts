import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startInstallation } from './installation.ts'
import type { Stage } from './scenario.ts'

export interface OpenStage extends Stage {
  /** Undoes all that the scenario did to the machine. Told twice, it waits for the first. */
  end(): Promise<void>
}

export function openStage(say: (line: string) => void): OpenStage {
  const undos: (() => Promise<void> | void)[] = []
  let ending: Promise<void> | null = null

  const onEnd = (undo: () => Promise<void> | void) => {
    if (ending !== null) throw new Error('This scenario has ended')
    undos.push(undo)
  }

  async function folder(name: string): Promise<string> {
    const path = await mkdtemp(join(reachableFolder(), `phasegate-chaos-${name}-`))
    // PostgreSQL may run as another account, which has to pass through.
    await chmod(path, 0o711)
    onEnd(() => rm(path, { recursive: true, force: true, maxRetries: 5 }))
    return path
  }

  return {
    say,
    folder,
    onEnd,
    async start(options = {}) {
      const dataDirectory = options.dataDirectory ?? (await folder('data'))
      const installation = await startInstallation({ ...options, dataDirectory })
      onEnd(() => installation.discard())
      return installation
    },
    end() {
      ending ??= undoAll(undos, say)
      return ending
    },
  }
}

async function undoAll(undos: (() => Promise<void> | void)[], say: (line: string) => void): Promise<void> {
  for (const undo of undos.toReversed()) {
    try {
      await undo()
    } catch (error) {
      say(`Something was left behind: ${(error as Error).message}`)
    }
  }
}

/** Root's temporary folder may be closed to the account that PostgreSQL runs as. */
function reachableFolder(): string {
  return process.getuid?.() === 0 ? '/tmp' : tmpdir()
}
