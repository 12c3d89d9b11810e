import { listenToOthers } from '../../service/platform/index.ts'
import { startApp, type TestApp } from './app.ts'

/** The same service again, on the same database, hearing of the first only by the database. */
export async function anotherProcess(app: TestApp): Promise<TestApp> {
  const other = await startApp({ beside: app, clock: app.clock })
  const listener = other.database.listener()
  await listener.connect()
  await listenToOthers(other.phasegate.platform.live, listener)
  return {
    ...other,
    async close() {
      await listener.end()
      await other.close()
    },
  }
}
