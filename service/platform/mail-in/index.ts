export { openReceiver } from './receiver.ts'
