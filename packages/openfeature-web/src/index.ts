export { PhasegateWebProvider, type PhasegateWebOptions } from './provider.ts'
