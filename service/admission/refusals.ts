import type { RefusalTexts } from '../platform/index.ts'

export const admissionRefusals = {
  'too-often': {
    status: 429,
    title: 'This form was sent from here too many times',
    whatToDo: 'Wait {minutes} minutes, then send it again.',
  },
  'preview-for-outsider': {
    status: 422,
    title: 'Nobody here has an account with this address, and previews are not given to outsiders',
    whatToDo: 'Enter the address of a colleague, or say why this person is an exception.',
  },
  'flag-unknown': {
    status: 404,
    title: 'This service has no flag with this key',
    whatToDo: 'Give the key of the service, or of one of its features.',
  },
  'stream-not-known': {
    status: 401,
    title: 'This address of a stream is not known, or no longer',
    whatToDo: 'Ask for all flags again: the answer holds the address to listen at.',
  },
  'rules-changed': {
    status: 409,
    title: '{by} changed these rules meanwhile',
    whatToDo: 'Compare both versions, then send yours again from version {version}.',
  },
  'claim-not-good': {
    status: 409,
    title: 'This claim is not good',
    whatToDo: 'It is good once, for ten minutes, for one service and one address. Let the person open the link again.',
  },
  'return-not-allowed': {
    status: 422,
    title: 'This address is at none of the origins that are allowed',
    whatToDo: 'Add its origin, such as https://app.example.org.',
  },
  'account-known': {
    status: 409,
    title: 'An account has this name already',
    whatToDo: 'Send it a new link, or choose another name.',
  },
  'customer-unknown': {
    status: 422,
    title: 'There is no account {name}',
    whatToDo: 'Choose one of the accounts of the service.',
  },
  'account-full': {
    status: 409,
    title: 'Every place of this account is taken',
    whatToDo: 'Invite more of its people first.',
  },
  'beta-not-offered': {
    status: 409,
    title: 'This cannot be switched on at present',
    whatToDo: 'Look in again later.',
  },
  'beta-not-for-you': {
    status: 409,
    title: 'This is for people who use the new service',
    whatToDo: 'Open the link of your invitation first.',
  },
  'beta-places-taken': {
    status: 409,
    title: 'Every place to try this is taken',
    whatToDo: 'Look in again later: places become free.',
  },
  'above-ceiling': {
    status: 409,
    title: 'The phase does not let in {who} yet',
    whatToDo: 'Pass the next gate first: a phase is a ceiling that nothing goes above.',
  },
  'cap-reached': {
    status: 409,
    title: 'Not enough places: {free} of {cap} free',
    whatToDo: 'Raise the cap, withdraw open invitations, or choose to invite more people than there are places.',
  },
  'cap-too-low': {
    status: 409,
    title: 'The cap cannot be lower than {kept}: so many places are taken or held',
    whatToDo: 'Withdraw open invitations first. Whoever is in keeps the place.',
  },
  'beta-full': { status: 409, title: 'The beta is full', whatToDo: 'Ask for a place on the waiting list.' },
  'nobody-waiting': {
    status: 409,
    title: 'Nobody is waiting who can be drawn',
    whatToDo:
      'Whoever stands in a batch that is being sent is not drawn again, nor whoever the choice of answers leaves out. End that batch, choose fewer answers, or invite people by address.',
  },
  'questions-enough': {
    status: 409,
    title: 'Applicants are asked {most} questions already, which is the most',
    whatToDo: 'Remove one that no draw or quota needs.',
  },
  'question-name-taken': {
    status: 409,
    title: 'There is a question with the name {name} already',
    whatToDo: 'Choose another name.',
  },
  'list-empty': {
    status: 422,
    title: 'The list has no lines',
    whatToDo: 'Choose a file with an address in each line.',
  },
  'list-without-addresses': {
    status: 422,
    title: 'The list has no column of email addresses',
    whatToDo: 'Name one column “email”, in the first line.',
  },
  'list-not-readable': {
    status: 422,
    title: 'The list cannot be read as CSV',
    whatToDo: 'Save it as CSV with commas, semicolons or tabs between the cells, and try again.',
  },
  'list-too-long': {
    status: 422,
    title: 'The list has more than {most} lines',
    whatToDo: 'Split it into several.',
  },
  'batch-empty': {
    status: 409,
    title: 'Nobody of this batch needs an invitation',
    whatToDo: 'Discard it, and draw again or read another list.',
  },
  'sending-still-held': {
    status: 409,
    title: 'Sending would pause again at once: {why}',
    whatToDo: 'See to that first, or change when sending pauses on the page “Who gets in”. Then let it go on.',
  },
  'batch-not-so': {
    status: 409,
    title: 'This cannot be done with a batch whose state is “{state}”',
    whatToDo: 'Look at it again: somebody may have acted meanwhile.',
  },
  'quotas-enough': {
    status: 409,
    title: 'There are {most} quotas already, which is the most',
    whatToDo: 'Remove one first.',
  },
  'invitation-not-open': {
    status: 409,
    title: 'This invitation was {state} already',
    whatToDo: 'Look at the list again: somebody may have acted meanwhile. Invite the person anew if needed.',
  },
  'invitation-not-wanted': {
    status: 409,
    title: 'This person is not to be invited',
    whatToDo:
      'See the list of those who are not invited for the reason. Asking for a place anew is the person’s own way back.',
  },
  'person-unknown': {
    status: 404,
    title: 'Nobody is in the beta under this address or reference',
    whatToDo: 'Check the spelling, or look the person up first.',
  },
  halted: {
    status: 409,
    title: 'The beta is halted',
    whatToDo: 'Open it again first: nobody is let in or invited while it is halted.',
  },
  'not-halted': { status: 409, title: 'The beta is not halted', whatToDo: 'There is nothing to open again.' },
} as const satisfies RefusalTexts

declare module '../platform/refusal.ts' {
  interface Refusals {
    admission: typeof admissionRefusals
  }
}
