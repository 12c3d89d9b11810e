import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { freePort } from '../../support/free-port.ts'
import { look, openDoor, type Looked } from '../public-door.ts'
import { CannotBeTried, type Scenario, type Stage } from '../scenario.ts'
import { until } from '../../support/until.ts'

const rounds = 100
const paths = ['/', '/cached', '/assets/app.css', '/assets/app.css?pg_arm=new', '/assets/app.css?pg_arm=current']
/** Headers that no cache has in its key. */
const unkeyed = {
  'x-forwarded-host': 'evil.example',
  'x-pg-arm': 'new',
  'x-original-url': '/other',
  forwarded: 'host=evil.example',
}

/** A cache in front knows addresses and cookies, and nothing of versions. */
export const scenario: Scenario = {
  promise: 40,
  title: 'A cache in front never gives one version to the other’s people',
  reach: `two people through nginx, ${rounds} rounds of ${paths.length} addresses and a halt: crossed 0; only files are stored`,
  plants: ['a cache that keeps all, whatever it is told'],
  async run(stage, plant) {
    const { gateway, installation, pass } = await openDoor(stage)
    const port = await startCache(stage, gateway.port, plant !== null)
    let crossed = 0
    let storedFiles = 0
    let storedPages = 0
    const note = (path: string, { headers, servedBy }: Looked, arm: string): void => {
      const named = /pg_arm=(\w+)/.exec(path)?.[1]
      if (servedBy !== (named ?? arm)) crossed++
      if (headers['x-cache'] !== 'HIT') return
      if (path.startsWith('/assets/')) storedFiles++
      else storedPages++
    }
    for (let round = 0; round < rounds; round++) {
      for (const path of paths) {
        await look(port, '', path, unkeyed)
        note(path, await look(port, pass, path), 'new')
        note(path, await look(port, '', path), 'current')
        note(path, await look(port, 'a=1', path), 'current')
      }
    }
    await installation.api('POST', '/api/v1/services/permit/halt', { reason: 'To be tried' })
    await until('the halt', async () => (await look(gateway.port, pass)).servedBy === 'current')
    for (const path of ['/', '/cached']) if ((await look(port, pass, path)).servedBy !== 'current') crossed++
    return {
      rounds,
      figures: [
        { says: 'answers of the other version', value: crossed, unit: '', holds: crossed === 0 },
        { says: 'pages that the cache had stored', value: storedPages, unit: '', holds: storedPages === 0 },
        { says: 'files that came from the cache', value: storedFiles, unit: '', holds: storedFiles > 0 },
      ],
    }
  },
}

async function startCache(stage: Stage, behind: number, isDeaf: boolean): Promise<number> {
  const program = ['nginx', '/usr/sbin/nginx'].find((name) => spawnSync(name, ['-v']).status === 0)
  if (program === undefined) throw new CannotBeTried('nginx is not installed here')
  const folder = await stage.folder('nginx')
  await mkdir(join(folder, 'cache'))
  const port = await freePort()
  const deaf = 'proxy_ignore_headers Cache-Control Set-Cookie Vary Expires; proxy_cache_valid any 10m;'
  await writeFile(join(folder, 'nginx.conf'), configuration(folder, port, behind, isDeaf ? deaf : ''))
  const child: ChildProcess = spawn(program, ['-p', folder, '-c', 'nginx.conf', '-e', 'error.log'], { stdio: 'ignore' })
  stage.onEnd(async () => {
    const ended = once(child, 'close')
    child.kill('SIGTERM')
    await ended
  })
  await until('nginx', async () => (await look(port, '')).status === 200)
  return port
}

function configuration(folder: string, port: number, behind: number, more: string): string {
  return `daemon off;
master_process off;
pid nginx.pid;
events {}
http {
  access_log off;
  ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((kind) => `${kind}_temp_path ${folder}/${kind};`).join(' ')}
  proxy_cache_path ${folder}/cache keys_zone=all:5m;
  server {
    listen 127.0.0.1:${port};
    location / {
      proxy_pass http://127.0.0.1:${behind};
      proxy_set_header Host $host;
      proxy_cache all;
      proxy_cache_valid 200 10m;
      add_header X-Cache $upstream_cache_status;
      ${more}
    }
  }
}
`
}
