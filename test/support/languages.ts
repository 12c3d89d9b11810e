import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** A language of docs/languages, and how a file of it is run. */
export interface Language {
  name: string
  /** Programs that must be there, and the Debian packages that bring them. */
  needs: readonly string[]
  packages: string
  flag: string
  /** Without one the language has no verifier of passes. */
  verifier: string | null
  /** The command line that runs a file; compiles it first where the language wants that. */
  command(file: string, workFolder: string): [string, ...string[]]
}

const folder = fileURLToPath(new URL('../../docs/languages/', import.meta.url))

export const languages: readonly Language[] = [
  {
    name: 'Ruby',
    needs: ['ruby'],
    packages: 'ruby',
    flag: 'ruby/flag.rb',
    verifier: 'ruby/verify_pass.rb',
    command: (file) => ['ruby', '-W', file],
  },
  {
    name: 'C#',
    needs: ['mcs', 'mono'],
    packages: 'mono-mcs libmono-system-net-http4.0-cil libmono-system-runtime-serialization4.0-cil',
    flag: 'csharp/Flag.cs',
    verifier: 'csharp/VerifyPass.cs',
    command(file, workFolder) {
      const program = join(workFolder, `${basename(file, '.cs')}.exe`)
      const libraries = ['-r:System.Net.Http.dll', '-r:System.Runtime.Serialization.dll']
      compile('mcs', ['-warnaserror', ...libraries, `-out:${program}`, file])
      return ['mono', program]
    },
  },
  {
    name: 'Python',
    needs: ['python3'],
    packages: 'python3',
    flag: 'python/flag.py',
    verifier: 'python/verify_pass.py',
    command: (file) => ['python3', '-W', 'error', file],
  },
  {
    name: 'PHP',
    needs: ['php'],
    packages: 'php-cli',
    flag: 'php/flag.php',
    verifier: 'php/verify-pass.php',
    command: (file) => ['php', '-d', 'error_reporting=-1', '-d', 'display_errors=stderr', file],
  },
  {
    name: 'Go',
    needs: ['go'],
    packages: 'golang-go',
    flag: 'go/flag.go',
    verifier: null,
    command(file, workFolder) {
      const program = join(workFolder, 'flag')
      compile('go', ['build', '-o', program, file], { GOCACHE: join(workFolder, 'go'), GOFLAGS: '-mod=mod' })
      return [program]
    },
  },
  {
    name: 'Java',
    needs: ['java', 'javac'],
    packages: 'default-jdk-headless',
    flag: 'java/Flag.java',
    verifier: null,
    command(file, workFolder) {
      compile('javac', ['-Xlint:all', '-Werror', '-d', workFolder, file])
      return ['java', '-cp', workFolder, basename(file, '.java')]
    },
  },
]

/** Why a language can't be tried here, or false where it can. */
export function missing({ name, needs, packages }: Language): string | false {
  const absent = needs.filter((program) => spawnSync('sh', ['-c', `command -v ${program}`]).status !== 0)
  return absent.length > 0 && `${name} is not on this machine; to try it: apt-get install ${packages}`
}

export interface Program {
  /** What it printed, line by line. Throws with what it said where it failed or complained. */
  run(args: readonly string[], env: Record<string, string>): Promise<string[]>
  remove(): void
}

export function build(language: Language, file: string): Program {
  const workFolder = mkdtempSync(join(tmpdir(), 'language-'))
  const [command, ...before] = language.command(join(folder, file), workFolder)
  return {
    run(args, env) {
      const child = spawn(command, [...before, ...args], {
        env: { ...process.env, ...env },
        stdio: ['ignore', 'pipe', 'pipe'],
      })
      let said = ''
      let complaint = ''
      child.stdout.on('data', (chunk: Buffer) => (said += String(chunk)))
      child.stderr.on('data', (chunk: Buffer) => (complaint += String(chunk)))
      return new Promise((resolve, reject) => {
        child.once('error', reject)
        child.once('close', (code) => {
          if (code === 0 && complaint === '') resolve(said.trimEnd().split(/\r?\n/))
          else reject(new Error(`${file} ended with ${code} and said: ${said}${complaint}`))
        })
      })
    },
    remove: () => rmSync(workFolder, { recursive: true, force: true }),
  }
}

function compile(command: string, args: string[], env: Record<string, string> = {}): void {
  const { status, stdout, stderr } = spawnSync(command, args, { env: { ...process.env, ...env }, encoding: 'utf8' })
  if (status !== 0) throw new Error(`${command} could not compile: ${stdout}${stderr}`)
}
