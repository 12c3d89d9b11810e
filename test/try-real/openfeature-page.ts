import { OFREPWebProvider } from '@openfeature/ofrep-web-provider'
import { OpenFeature } from '@openfeature/web-sdk'

/** Bundled and put into a page, so that the web client runs where it is meant to: in a browser. */
Object.assign(globalThis, {
  async evaluateInPage(baseUrl: string, key: string, targetingKey: string) {
    await OpenFeature.setContext({ targetingKey })
    await OpenFeature.setProviderAndWait(new OFREPWebProvider({ baseUrl }))
    const { value, variant, reason, errorCode } = OpenFeature.getClient().getBooleanDetails(key, false)
    await OpenFeature.clearProviders()
    return { value, variant, reason, errorCode }
  },
})
