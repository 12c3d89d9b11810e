export { betaBinomialConfidenceSequence, wilson, type Interval, type OneSample } from './one-sample.ts'
export { summarise, type Moments, type Summary } from './moments.ts'
export { asymptoticConfidenceSequence, welch, type Difference, type TwoArms } from './two-arms.ts'
