import { OpenFeature, ProviderEvents } from '@openfeature/web-sdk'
import { PhasegateWebProvider, type PhasegateWebOptions } from '../src/index.ts'

/** What the test calls in the page. */
const page = {
  changed: [] as (string[] | undefined)[],
  async start(options: PhasegateWebOptions, targetingKey: string) {
    await OpenFeature.setContext({ targetingKey })
    await OpenFeature.setProviderAndWait(new PhasegateWebProvider(options))
    OpenFeature.addHandler(ProviderEvents.ConfigurationChanged, (details) =>
      page.changed.push(details?.flagsChanged as string[] | undefined),
    )
  },
  setContext: (targetingKey: string) => OpenFeature.setContext({ targetingKey }),
  boolean: (key: string) => OpenFeature.getClient().getBooleanDetails(key, false),
  text: (key: string) => OpenFeature.getClient().getStringDetails(key, 'fallback'),
  status: () => OpenFeature.getClient().providerStatus,
  track: (name: string) => OpenFeature.getClient().track(name, { value: 7 }),
  trackMuch(count: number) {
    const text = 'x'.repeat(500)
    for (let n = 0; n < count; n++) OpenFeature.getClient().track('Much', { n, one: text, two: text, three: text })
  },
}
Object.assign(globalThis, { flags: page })
