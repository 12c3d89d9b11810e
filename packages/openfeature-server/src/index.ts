export { PhasegateProvider, type PhasegateOptions } from './provider.ts'
