import { randomBytes } from 'node:crypto'
import type { Installation, Stage } from './scenario.ts'
import { startTcpPostgres } from './tcp-postgres.ts'

/** A PostgreSQL that belongs to none of the instances, as `DATABASE_URL` names it. */
export async function aDatabase(stage: Stage): Promise<string> {
  return `postgres://phasegate@127.0.0.1:${await startTcpPostgres(stage)}/phasegate`
}

/** Several instances of the service on one database, each with a folder of its own and no gateway. */
export async function instancesOn(
  stage: Stage,
  databaseUrl: string,
  each: readonly { preload?: string }[],
): Promise<Installation[]> {
  const instances: Installation[] = []
  const secretKey = randomBytes(32).toString('base64url')
  for (const options of each)
    instances.push(
      await stage.start({
        ...options,
        env: {
          DATABASE_URL: databaseUrl,
          PHASEGATE_SECRET_KEY: secretKey,
          PHASEGATE_GATEWAY: 'off',
          PHASEGATE_DRAIN_SECONDS: '1',
        },
      }),
    )
  return instances
}
